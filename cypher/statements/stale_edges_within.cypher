// Remove WITHIN edges of an estate that this push did not write.
MATCH (a:Location {estate: $estate})-[r:WITHIN]->()
WHERE r.tag <> $tag
DELETE r
