// Create (Service)-[DEPENDS_ON]->(Service). $rows: keys of both ends, and properties.
UNWIND $rows AS row
MATCH (a:Service {key: row.from})
MATCH (b:Service {key: row.to})
CREATE (a)-[r:DEPENDS_ON {key: row.properties.key, group: row.properties.group, at_least: row.properties.at_least, hard: row.properties.hard, soft: row.properties.soft, common_cause: row.properties.common_cause}]->(b)
