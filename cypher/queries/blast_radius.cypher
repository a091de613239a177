// Services that need a service, directly or through others up to 20 steps away, with the fewest steps. Redundancy is not considered.
// Parameters: $id: the service
MATCH path = (consumer:Service {estate: $estate})-[:DEPENDS_ON*1..20]->(provider:Service {estate: $estate})
WHERE provider.id = $id AND consumer.id <> $id AND all(edge IN relationships(path) WHERE edge.hard)
WITH consumer.id AS service, min(length(path)) AS steps
RETURN service, steps
ORDER BY steps, service
