// Remove SUPPORTS edges of an estate that this push did not write.
MATCH (a:Service {estate: $estate})-[r:SUPPORTS]->()
WHERE r.tag <> $tag
DELETE r
