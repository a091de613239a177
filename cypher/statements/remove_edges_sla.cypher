// Remove edges from SLA nodes. $rows: key of the start, and type with key of each edge.
UNWIND $rows AS row
MATCH (a:SLA {key: row.from})-[r:COVERS|FLOWS_DOWN]->()
WHERE type(r) + ' ' + coalesce(toStringOrNull(r.key), '') IN row.edges
DELETE r
