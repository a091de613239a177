// Services that an organization provides.
// Parameters: $id: the organization
MATCH (o:Organization {estate: $estate})-[:PROVIDES]->(s:Service)
WHERE o.id = $id
WITH s.id AS service, s.criticality AS criticality
RETURN service, criticality
ORDER BY service
