// Give Location nodes other properties. $rows: their properties, with the key.
UNWIND $rows AS row
MATCH (n:Location {key: row.key})
SET n = row
