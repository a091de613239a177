// Remove Incident nodes of an estate that this push did not write.
MATCH (n:Incident {estate: $estate})
WHERE n.tag <> $tag
DETACH DELETE n
