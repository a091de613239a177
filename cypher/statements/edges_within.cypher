// Create (Location)-[WITHIN]->(Location). $rows: keys of both ends, and properties.
UNWIND $rows AS row
MATCH (a:Location {key: row.from})
MATCH (b:Location {key: row.to})
CREATE (a)-[r:WITHIN {key: row.properties.key}]->(b)
