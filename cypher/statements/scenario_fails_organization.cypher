// Write (Scenario)-[FAILS]->(Organization) for every scenario of an estate; safe to repeat.
MATCH (n:Scenario {estate: $estate})
UNWIND n.fails_keys AS failed
MATCH (f:Organization {key: failed})
MERGE (n)-[r:FAILS]->(f)
