// Write Incident nodes. $rows: properties by key; $tag: this push.
UNWIND $rows AS row
MERGE (n:Incident {key: row.key})
SET n = row.properties, n.tag = $tag
