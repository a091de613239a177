// Organizations that an organization owns, itself or through others: at most ten levels down.
// Parameters: $id: the owner
MATCH (o:Organization {estate: $estate})-[:OWNED_BY*1..10]->(owner:Organization {estate: $estate})
WHERE owner.id = $id
WITH DISTINCT o.id AS organization
RETURN organization
ORDER BY organization
