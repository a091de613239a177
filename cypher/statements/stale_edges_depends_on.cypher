// Remove DEPENDS_ON edges of an estate that this push did not write.
MATCH (a:Service {estate: $estate})-[r:DEPENDS_ON]->()
WHERE r.tag <> $tag
DELETE r
