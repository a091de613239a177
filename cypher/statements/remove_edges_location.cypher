// Remove edges from Location nodes. $rows: key of the start, and type with key of each edge.
UNWIND $rows AS row
MATCH (a:Location {key: row.from})-[r:WITHIN]->()
WHERE type(r) + ' ' + coalesce(toStringOrNull(r.key), '') IN row.edges
DELETE r
