// Create (Organization)-[OWNED_BY]->(Organization). $rows: keys of both ends, and properties.
UNWIND $rows AS row
MATCH (a:Organization {key: row.from})
MATCH (b:Organization {key: row.to})
CREATE (a)-[r:OWNED_BY {key: row.properties.key}]->(b)
