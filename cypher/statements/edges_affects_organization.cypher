// Create (Incident)-[AFFECTS]->(Organization). $rows: keys of both ends, and properties.
UNWIND $rows AS row
MATCH (a:Incident {key: row.from})
MATCH (b:Organization {key: row.to})
CREATE (a)-[r:AFFECTS {key: row.properties.key}]->(b)
