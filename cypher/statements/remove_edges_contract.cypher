// Remove edges from Contract nodes. $rows: key of the start, and type with key of each edge.
UNWIND $rows AS row
MATCH (a:Contract {key: row.from})-[r:SUPPLIED_BY|SUPPLIED_TO|HOLDS]->()
WHERE type(r) + ' ' + coalesce(toStringOrNull(r.key), '') IN row.edges
DELETE r
