// Organizations that an organization owns, at any depth.
// Parameters: $id: the owner
MATCH (o:Organization {estate: $estate})-[:OWNED_BY*1..10]->(owner:Organization {estate: $estate})
WHERE owner.id = $id
WITH DISTINCT o.id AS organization
RETURN organization
ORDER BY organization
