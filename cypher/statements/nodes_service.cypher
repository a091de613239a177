// Write Service nodes. $rows: properties by key; $tag: this push.
UNWIND $rows AS row
MERGE (n:Service {key: row.key})
SET n = row.properties, n.tag = $tag
