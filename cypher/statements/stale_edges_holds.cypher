// Remove HOLDS edges of an estate that this push did not write.
MATCH (a:Contract {estate: $estate})-[r:HOLDS]->()
WHERE r.tag <> $tag
DELETE r
