// Contracts and SLAs that promise a service, and to whom.
// Parameters: $id: the service
MATCH (contract:Contract {estate: $estate})-[:HOLDS]->(sla:SLA)-[:COVERS]->(service:Service)
WHERE service.id = $id
MATCH (contract)-[:SUPPLIED_BY]->(supplier:Organization)
MATCH (contract)-[:SUPPLIED_TO]->(customer:Organization)
RETURN sla.id AS sla_id, contract.id AS contract_id, supplier.id AS supplier_id, customer.id AS customer_id, sla.availability_target AS target
ORDER BY sla_id
