// Saved scenarios, what each fails, and how many changes it makes.
// Parameters: none
MATCH (n:Scenario {estate: $estate})
OPTIONAL MATCH (n)-[:FAILS]->(f)
WITH n, f.id AS failed_id
ORDER BY failed_id
WITH n.id AS scenario, n.why AS why, n.edits AS edits, n.saved AS saved, collect(failed_id) AS fails
RETURN scenario, why, fails, edits, saved
ORDER BY scenario
