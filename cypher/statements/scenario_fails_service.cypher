// Write (Scenario)-[FAILS]->(Service) for every scenario of an estate; safe to repeat.
MATCH (n:Scenario {estate: $estate})
UNWIND n.fails_keys AS failed
MATCH (f:Service {key: failed})
MERGE (n)-[r:FAILS]->(f)
