// Write (Contract)-[SUPPLIED_BY]->(Organization). $rows: ends, key and properties; $tag: this push.
UNWIND $rows AS row
MATCH (a:Contract {key: row.from})
MATCH (b:Organization {key: row.to})
MERGE (a)-[r:SUPPLIED_BY {key: row.key}]->(b)
SET r = row.properties, r.tag = $tag
