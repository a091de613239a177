// Promises that require a service of another group with no SLA held on it, in force or not; at most eight steps away.
// Parameters: none
MATCH (k:Contract {estate: $estate})-[:SUPPLIED_BY]->(a:Organization)-[:OWNED_BY*0..8]->(top:Organization)
WHERE NOT EXISTS { MATCH (top)-[:OWNED_BY]->(:Organization) }
MATCH (member:Organization)-[:OWNED_BY*0..8]->(top)
WITH k, collect(DISTINCT member.id) AS family
MATCH (k)-[:HOLDS]->(promise:SLA)-[:COVERS]->(s:Service)
MATCH path = (s)-[:DEPENDS_ON*0..8]->(p:Service)
WHERE p.provider IS NOT NULL AND NOT p.provider IN family AND all(edge IN relationships(path) WHERE edge.hard) AND all(step IN nodes(path) WHERE step.key = p.key OR step.provider IS NULL OR step.provider IN family)
WITH DISTINCT promise, s, p, family
WHERE NOT EXISTS { MATCH (p)<-[:COVERS]-(:SLA)<-[:HOLDS]-(h:Contract)-[:SUPPLIED_TO]->(c:Organization) WHERE c.id IN family }
RETURN promise.id AS sla, s.id AS service, p.id AS needs, p.provider AS supplier
ORDER BY sla, needs
