// Remove COVERS edges of an estate that this push did not write.
MATCH (a:SLA {estate: $estate})-[r:COVERS]->()
WHERE r.tag <> $tag
DELETE r
