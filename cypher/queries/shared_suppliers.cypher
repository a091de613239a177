// Suppliers that several organizations depend on by contract.
// Parameters: none
MATCH (supplier:Organization {estate: $estate})<-[:SUPPLIED_BY]-(:Contract)-[:SUPPLIED_TO]->(customer:Organization)
WITH supplier.id AS organization, count(DISTINCT customer.id) AS customers
WHERE customers > 1
RETURN organization, customers
ORDER BY customers DESC, organization
