// Forget the origins of values of an estate.
MATCH (n:Origins {estate: $estate})
DETACH DELETE n
