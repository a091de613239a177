// Give SLA nodes other properties. $rows: their properties, with the key.
UNWIND $rows AS row
MATCH (n:SLA {key: row.key})
SET n = row
