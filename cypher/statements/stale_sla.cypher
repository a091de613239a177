// Remove SLA nodes of an estate that this push did not write.
MATCH (n:SLA {estate: $estate})
WHERE n.tag <> $tag
DETACH DELETE n
