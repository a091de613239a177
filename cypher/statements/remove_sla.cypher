// Remove SLA nodes and their edges. $rows: their keys.
UNWIND $rows AS row
MATCH (n:SLA {key: row})
DETACH DELETE n
