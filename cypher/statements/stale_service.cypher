// Remove Service nodes of an estate that this push did not write.
MATCH (n:Service {estate: $estate})
WHERE n.tag <> $tag
DETACH DELETE n
