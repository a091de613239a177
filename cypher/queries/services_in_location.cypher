// Services in a location or in a place within it, at most eight levels down.
// Parameters: $id: the location
MATCH (s:Service {estate: $estate})-[:LOCATED_IN]->(inner:Location)-[:WITHIN*0..8]->(outer:Location)
WHERE outer.id = $id
WITH DISTINCT s.id AS service, inner.id AS location
RETURN service, location
ORDER BY service, location
