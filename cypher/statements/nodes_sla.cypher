// Create SLA nodes. $rows: their properties.
UNWIND $rows AS row
CREATE (n:SLA {key: row.key, id: row.id, estate: row.estate, position: row.position, record: row.record, name: row.name, availability_target: row.availability_target})
