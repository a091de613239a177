// Create (SLA)-[COVERS]->(Service). $rows: keys of both ends, and properties.
UNWIND $rows AS row
MATCH (a:SLA {key: row.from})
MATCH (b:Service {key: row.to})
CREATE (a)-[r:COVERS {key: row.properties.key}]->(b)
