// Remove Incident nodes and their edges. $rows: their keys.
UNWIND $rows AS row
MATCH (n:Incident {key: row})
DETACH DELETE n
