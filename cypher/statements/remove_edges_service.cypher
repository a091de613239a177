// Remove edges from Service nodes. $rows: key of the start, and type with key of each edge.
UNWIND $rows AS row
MATCH (a:Service {key: row.from})-[r:DEPENDS_ON|LOCATED_IN|SUPPORTS]->()
WHERE type(r) + ' ' + coalesce(toStringOrNull(r.key), '') IN row.edges
DELETE r
