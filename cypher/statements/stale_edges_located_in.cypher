// Remove LOCATED_IN edges of an estate that this push did not write.
MATCH (a:Service {estate: $estate})-[r:LOCATED_IN]->()
WHERE r.tag <> $tag
DELETE r
