// Remove Organization nodes and their edges. $rows: their keys.
UNWIND $rows AS row
MATCH (n:Organization {key: row})
DETACH DELETE n
