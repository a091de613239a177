// Suppliers of an organization by rank: 1 supplies it directly, 2 supplies those, and so on to rank 8.
// Parameters: $id: the organization
MATCH path = (customer:Organization {estate: $estate})((:Organization)<-[:SUPPLIED_TO]-(:Contract)-[:SUPPLIED_BY]->(:Organization)){1,8}(supplier:Organization {estate: $estate})
WHERE customer.id = $id AND supplier.id <> $id
WITH supplier.id AS organization, min(length(path)) AS edges
RETURN organization, edges / 2 AS rank
ORDER BY rank, organization
