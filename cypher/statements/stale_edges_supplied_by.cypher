// Remove SUPPLIED_BY edges of an estate that this push did not write.
MATCH (a:Contract {estate: $estate})-[r:SUPPLIED_BY]->()
WHERE r.tag <> $tag
DELETE r
