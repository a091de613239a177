// Remove edges from Organization nodes. $rows: key of the start, and type with key of each edge.
UNWIND $rows AS row
MATCH (a:Organization {key: row.from})-[r:PROVIDES|OWNED_BY]->()
WHERE type(r) + ' ' + coalesce(toStringOrNull(r.key), '') IN row.edges
DELETE r
