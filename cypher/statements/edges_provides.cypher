// Create (Organization)-[PROVIDES]->(Service). $rows: keys of both ends, and properties.
UNWIND $rows AS row
MATCH (a:Organization {key: row.from})
MATCH (b:Service {key: row.to})
CREATE (a)-[r:PROVIDES {key: row.properties.key}]->(b)
