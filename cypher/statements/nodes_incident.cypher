// Create Incident nodes. $rows: their properties.
UNWIND $rows AS row
CREATE (n:Incident {key: row.key, id: row.id, estate: row.estate, position: row.position, record: row.record, name: row.name, start_time: row.start_time, end_time: row.end_time, cause: row.cause})
