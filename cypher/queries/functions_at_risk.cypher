// Business functions that need a service, directly or through others.
// Parameters: $id: the service
MATCH (f:Function {estate: $estate})<-[:SUPPORTS]-(:Service)-[:DEPENDS_ON*0..20]->(provider:Service {estate: $estate})
WHERE provider.id = $id
WITH DISTINCT f.id AS function, f.is_critical AS critical
RETURN function, critical
ORDER BY function
