// Write Function nodes. $rows: properties by key; $tag: this push.
UNWIND $rows AS row
MERGE (n:Function {key: row.key})
SET n = row.properties, n.tag = $tag
