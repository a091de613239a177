// Write a Scenario of an estate; $properties hold its key.
MATCH (e:Estate {key: $estate_key})
WHERE e.digest IS NOT NULL
MERGE (n:Scenario {key: $key})
SET n = $properties, n.estate_digest = e.digest
