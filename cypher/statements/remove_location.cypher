// Remove Location nodes and their edges. $rows: their keys.
UNWIND $rows AS row
MATCH (n:Location {key: row})
DETACH DELETE n
