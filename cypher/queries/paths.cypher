// Paths of at most 12 steps from a consumer to a provider, shortest first, at most 50.
// Parameters: $from: the consumer; $to: the provider
MATCH path = (a:Service {estate: $estate})-[:DEPENDS_ON*1..12]->(b:Service {estate: $estate})
WHERE a.id = $from AND b.id = $to
WITH [step IN nodes(path) | step.id] AS services, length(path) AS steps
RETURN services, steps
ORDER BY steps, services
LIMIT 50
