// Services that need themselves through others, in rings of eight services at most.
// Parameters: none
MATCH (s:Service {estate: $estate})-[:DEPENDS_ON*1..8]->(t:Service {estate: $estate})
WHERE s.key = t.key
WITH DISTINCT s.id AS service
RETURN service
ORDER BY service
