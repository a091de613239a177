// Remove Contract nodes of an estate that this push did not write.
MATCH (n:Contract {estate: $estate})
WHERE n.tag <> $tag
DETACH DELETE n
