// Write (Service)-[SUPPORTS]->(Function). $rows: ends, key and properties; $tag: this push.
UNWIND $rows AS row
MATCH (a:Service {key: row.from})
MATCH (b:Function {key: row.to})
MERGE (a)-[r:SUPPORTS {key: row.key}]->(b)
SET r = row.properties, r.tag = $tag
