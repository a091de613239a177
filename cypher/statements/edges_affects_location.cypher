// Write (Incident)-[AFFECTS]->(Location). $rows: ends, key and properties; $tag: this push.
UNWIND $rows AS row
MATCH (a:Incident {key: row.from})
MATCH (b:Location {key: row.to})
MERGE (a)-[r:AFFECTS {key: row.key}]->(b)
SET r = row.properties, r.tag = $tag
