// Services that most others need directly.
// Parameters: $limit: how many rows
MATCH (s:Service {estate: $estate})<-[:DEPENDS_ON]-(c:Service)
WITH s.id AS service, count(DISTINCT c.id) AS consumers
RETURN service, consumers
ORDER BY consumers DESC, service
LIMIT toInteger($limit)
