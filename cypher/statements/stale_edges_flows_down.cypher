// Remove FLOWS_DOWN edges of an estate that this push did not write.
MATCH (a:SLA {estate: $estate})-[r:FLOWS_DOWN]->()
WHERE r.tag <> $tag
DELETE r
