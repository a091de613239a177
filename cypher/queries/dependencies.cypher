// What a service needs, directly or through others up to 20 steps away, with the fewest steps.
// Parameters: $id: the service
MATCH path = (consumer:Service {estate: $estate})-[:DEPENDS_ON*1..20]->(provider:Service {estate: $estate})
WHERE consumer.id = $id AND provider.id <> $id AND all(edge IN relationships(path) WHERE edge.hard)
WITH provider.id AS service, min(length(path)) AS steps
RETURN service, steps
ORDER BY steps, service
