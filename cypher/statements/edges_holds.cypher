// Create (Contract)-[HOLDS]->(SLA). $rows: keys of both ends, and properties.
UNWIND $rows AS row
MATCH (a:Contract {key: row.from})
MATCH (b:SLA {key: row.to})
CREATE (a)-[r:HOLDS {key: row.properties.key}]->(b)
