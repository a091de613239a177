// Remove Organization nodes of an estate that this push did not write.
MATCH (n:Organization {estate: $estate})
WHERE n.tag <> $tag
DETACH DELETE n
