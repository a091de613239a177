// Give Function nodes other properties. $rows: their properties, with the key.
UNWIND $rows AS row
MATCH (n:Function {key: row.key})
SET n = row
