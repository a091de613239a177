// Remove PROVIDES edges of an estate that this push did not write.
MATCH (a:Organization {estate: $estate})-[r:PROVIDES]->()
WHERE r.tag <> $tag
DELETE r
