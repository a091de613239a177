// Forget every saved scenario of an estate.
MATCH (n:Scenario {estate: $estate})
DETACH DELETE n
