// Write Contract nodes. $rows: properties by key; $tag: this push.
UNWIND $rows AS row
MERGE (n:Contract {key: row.key})
SET n = row.properties, n.tag = $tag
