// Forget a saved scenario.
MATCH (n:Scenario {key: $key})
DETACH DELETE n
