// Remove Location nodes of an estate that this push did not write.
MATCH (n:Location {estate: $estate})
WHERE n.tag <> $tag
DETACH DELETE n
