// Create (Service)-[LOCATED_IN]->(Location). $rows: keys of both ends, and properties.
UNWIND $rows AS row
MATCH (a:Service {key: row.from})
MATCH (b:Location {key: row.to})
CREATE (a)-[r:LOCATED_IN {key: row.properties.key, at_least: row.properties.at_least}]->(b)
