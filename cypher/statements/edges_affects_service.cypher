// Create (Incident)-[AFFECTS]->(Service). $rows: keys of both ends, and properties.
UNWIND $rows AS row
MATCH (a:Incident {key: row.from})
MATCH (b:Service {key: row.to})
CREATE (a)-[r:AFFECTS {key: row.properties.key}]->(b)
