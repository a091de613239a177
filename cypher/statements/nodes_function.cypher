// Create Function nodes. $rows: their properties.
UNWIND $rows AS row
CREATE (n:Function {key: row.key, id: row.id, estate: row.estate, position: row.position, record: row.record, name: row.name, is_critical: row.is_critical})
