// Remove AFFECTS edges of an estate that this push did not write.
MATCH (a:Incident {estate: $estate})-[r:AFFECTS]->()
WHERE r.tag <> $tag
DELETE r
