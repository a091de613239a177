// Remove Function nodes of an estate that this push did not write.
MATCH (n:Function {estate: $estate})
WHERE n.tag <> $tag
DETACH DELETE n
