// Remove SUPPLIED_TO edges of an estate that this push did not write.
MATCH (a:Contract {estate: $estate})-[r:SUPPLIED_TO]->()
WHERE r.tag <> $tag
DELETE r
