// Remove edges from Incident nodes. $rows: key of the start, and type with key of each edge.
UNWIND $rows AS row
MATCH (a:Incident {key: row.from})-[r:AFFECTS]->()
WHERE type(r) + ' ' + coalesce(toStringOrNull(r.key), '') IN row.edges
DELETE r
