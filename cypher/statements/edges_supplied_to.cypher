// Create (Contract)-[SUPPLIED_TO]->(Organization). $rows: keys of both ends, and properties.
UNWIND $rows AS row
MATCH (a:Contract {key: row.from})
MATCH (b:Organization {key: row.to})
CREATE (a)-[r:SUPPLIED_TO {key: row.properties.key}]->(b)
