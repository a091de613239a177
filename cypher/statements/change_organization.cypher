// Give Organization nodes other properties. $rows: their properties, with the key.
UNWIND $rows AS row
MATCH (n:Organization {key: row.key})
SET n = row
