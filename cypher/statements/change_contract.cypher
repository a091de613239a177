// Give Contract nodes other properties. $rows: their properties, with the key.
UNWIND $rows AS row
MATCH (n:Contract {key: row.key})
SET n = row
