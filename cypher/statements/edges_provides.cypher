// Write (Organization)-[PROVIDES]->(Service). $rows: ends, key and properties; $tag: this push.
UNWIND $rows AS row
MATCH (a:Organization {key: row.from})
MATCH (b:Service {key: row.to})
MERGE (a)-[r:PROVIDES {key: row.key}]->(b)
SET r = row.properties, r.tag = $tag
