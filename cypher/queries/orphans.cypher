// Services that need nothing, that nothing needs, and that support no function.
// Parameters: none
MATCH (s:Service {estate: $estate})
WHERE NOT (s)-[:DEPENDS_ON]->() AND NOT (s)<-[:DEPENDS_ON]-() AND NOT (s)-[:SUPPORTS]->()
WITH s.id AS service
RETURN service
ORDER BY service
