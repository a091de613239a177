// Give Incident nodes other properties. $rows: their properties, with the key.
UNWIND $rows AS row
MATCH (n:Incident {key: row.key})
SET n = row
