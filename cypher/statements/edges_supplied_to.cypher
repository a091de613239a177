// Write (Contract)-[SUPPLIED_TO]->(Organization). $rows: ends, key and properties; $tag: this push.
UNWIND $rows AS row
MATCH (a:Contract {key: row.from})
MATCH (b:Organization {key: row.to})
MERGE (a)-[r:SUPPLIED_TO {key: row.key}]->(b)
SET r = row.properties, r.tag = $tag
