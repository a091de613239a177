// Create Contract nodes. $rows: their properties.
UNWIND $rows AS row
CREATE (n:Contract {key: row.key, id: row.id, estate: row.estate, position: row.position, record: row.record, name: row.name, start_day: row.start_day, end_day: row.end_day, form: row.form, clause: row.clause})
