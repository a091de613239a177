// Write (Organization)-[OWNED_BY]->(Organization). $rows: ends, key and properties; $tag: this push.
UNWIND $rows AS row
MATCH (a:Organization {key: row.from})
MATCH (b:Organization {key: row.to})
MERGE (a)-[r:OWNED_BY {key: row.key}]->(b)
SET r = row.properties, r.tag = $tag
