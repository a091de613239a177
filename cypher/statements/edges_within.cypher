// Write (Location)-[WITHIN]->(Location). $rows: ends, key and properties; $tag: this push.
UNWIND $rows AS row
MATCH (a:Location {key: row.from})
MATCH (b:Location {key: row.to})
MERGE (a)-[r:WITHIN {key: row.key}]->(b)
SET r = row.properties, r.tag = $tag
