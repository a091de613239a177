// How many SLA nodes an estate has, and how many of them this push did not write.
MATCH (n:SLA {estate: $estate})
RETURN count(n) AS total, sum(CASE WHEN n.tag <> $tag THEN 1 ELSE 0 END) AS stale
