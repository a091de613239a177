// Write (Service)-[LOCATED_IN]->(Location). $rows: ends, key and properties; $tag: this push.
UNWIND $rows AS row
MATCH (a:Service {key: row.from})
MATCH (b:Location {key: row.to})
MERGE (a)-[r:LOCATED_IN {key: row.key}]->(b)
SET r = row.properties, r.tag = $tag
