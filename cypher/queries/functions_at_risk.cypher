// Business functions that need a service, directly or through others up to 20 steps away. Redundancy is not considered.
// Parameters: $id: the service
MATCH (f:Function {estate: $estate})<-[:SUPPORTS]-(top:Service)
MATCH path = (top)-[:DEPENDS_ON*0..20]->(provider:Service {estate: $estate})
WHERE provider.id = $id AND all(edge IN relationships(path) WHERE edge.hard)
WITH DISTINCT f.id AS function, f.is_critical AS critical
RETURN function, critical
ORDER BY function
