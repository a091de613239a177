// Remove Function nodes and their edges. $rows: their keys.
UNWIND $rows AS row
MATCH (n:Function {key: row})
DETACH DELETE n
