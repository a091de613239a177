// Create (Service)-[SUPPORTS]->(Function). $rows: keys of both ends, and properties.
UNWIND $rows AS row
MATCH (a:Service {key: row.from})
MATCH (b:Function {key: row.to})
CREATE (a)-[r:SUPPORTS {key: row.properties.key}]->(b)
