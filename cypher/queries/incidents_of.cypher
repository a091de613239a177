// Incidents that hit a service, a location or an organization.
// Parameters: $id: what was hit
MATCH (i:Incident {estate: $estate})-[:AFFECTS]->(n)
WHERE n.id = $id
WITH i.id AS incident, i.start_time AS start, i.end_time AS end, i.cause AS cause
RETURN incident, start, end, cause
ORDER BY start, incident
