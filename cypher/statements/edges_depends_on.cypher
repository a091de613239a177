// Write (Service)-[DEPENDS_ON]->(Service). $rows: ends, key and properties; $tag: this push.
UNWIND $rows AS row
MATCH (a:Service {key: row.from})
MATCH (b:Service {key: row.to})
MERGE (a)-[r:DEPENDS_ON {key: row.key}]->(b)
SET r = row.properties, r.tag = $tag
