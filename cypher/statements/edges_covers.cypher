// Write (SLA)-[COVERS]->(Service). $rows: ends, key and properties; $tag: this push.
UNWIND $rows AS row
MATCH (a:SLA {key: row.from})
MATCH (b:Service {key: row.to})
MERGE (a)-[r:COVERS {key: row.key}]->(b)
SET r = row.properties, r.tag = $tag
