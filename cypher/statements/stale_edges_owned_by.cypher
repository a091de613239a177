// Remove OWNED_BY edges of an estate that this push did not write.
MATCH (a:Organization {estate: $estate})-[r:OWNED_BY]->()
WHERE r.tag <> $tag
DELETE r
