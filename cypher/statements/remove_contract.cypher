// Remove Contract nodes and their edges. $rows: their keys.
UNWIND $rows AS row
MATCH (n:Contract {key: row})
DETACH DELETE n
