// Remove Service nodes and their edges. $rows: their keys.
UNWIND $rows AS row
MATCH (n:Service {key: row})
DETACH DELETE n
