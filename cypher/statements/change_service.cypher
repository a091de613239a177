// Give Service nodes other properties. $rows: their properties, with the key.
UNWIND $rows AS row
MATCH (n:Service {key: row.key})
SET n = row
