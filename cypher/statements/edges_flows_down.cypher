// Write (SLA)-[FLOWS_DOWN]->(SLA). $rows: ends, key and properties; $tag: this push.
UNWIND $rows AS row
MATCH (a:SLA {key: row.from})
MATCH (b:SLA {key: row.to})
MERGE (a)-[r:FLOWS_DOWN {key: row.key}]->(b)
SET r = row.properties, r.tag = $tag
