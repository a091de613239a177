// Origins of values of an estate, in parts.
MATCH (n:Origins {estate: $estate})
RETURN n.version AS version, n.parts AS parts, n.position AS position, n.record AS record
