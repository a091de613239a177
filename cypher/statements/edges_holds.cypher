// Write (Contract)-[HOLDS]->(SLA). $rows: ends, key and properties; $tag: this push.
UNWIND $rows AS row
MATCH (a:Contract {key: row.from})
MATCH (b:SLA {key: row.to})
MERGE (a)-[r:HOLDS {key: row.key}]->(b)
SET r = row.properties, r.tag = $tag
