// Promised services that need a service of another organization with no SLA under it.
// Parameters: none
MATCH (:Contract {estate: $estate})-[:HOLDS]->(promise:SLA)-[:COVERS]->(s:Service)-[need:DEPENDS_ON]->(p:Service)
MATCH (a:Organization)-[:PROVIDES]->(s)
MATCH (b:Organization)-[:PROVIDES]->(p)
WHERE a.key <> b.key AND need.hard AND NOT EXISTS { MATCH (p)<-[:COVERS]-(:SLA)<-[:HOLDS]-(:Contract)-[:SUPPLIED_TO]->(c:Organization) WHERE c.key = a.key }
WITH DISTINCT promise.id AS sla, s.id AS service, p.id AS needs, b.id AS supplier
RETURN sla, service, needs, supplier
ORDER BY sla, needs
