// Which origins of values are kept of an estate.
MATCH (n:Origins {estate: $estate})
RETURN n.version AS version
