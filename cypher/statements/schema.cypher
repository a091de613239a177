// Constraints and indexes; safe to run again. Organizations change labels with their roles, which the
// local graph refuses under a unique constraint; the lock on the estate keeps their keys apart.
CREATE INDEX organization_key IF NOT EXISTS FOR (n:Organization) ON (n.key);
CREATE INDEX organization_estate IF NOT EXISTS FOR (n:Organization) ON (n.estate);
CREATE INDEX organization_id IF NOT EXISTS FOR (n:Organization) ON (n.id);
CREATE CONSTRAINT location_key IF NOT EXISTS FOR (n:Location) REQUIRE n.key IS UNIQUE;
CREATE INDEX location_estate IF NOT EXISTS FOR (n:Location) ON (n.estate);
CREATE INDEX location_id IF NOT EXISTS FOR (n:Location) ON (n.id);
CREATE CONSTRAINT service_key IF NOT EXISTS FOR (n:Service) REQUIRE n.key IS UNIQUE;
CREATE INDEX service_estate IF NOT EXISTS FOR (n:Service) ON (n.estate);
CREATE INDEX service_id IF NOT EXISTS FOR (n:Service) ON (n.id);
CREATE CONSTRAINT function_key IF NOT EXISTS FOR (n:Function) REQUIRE n.key IS UNIQUE;
CREATE INDEX function_estate IF NOT EXISTS FOR (n:Function) ON (n.estate);
CREATE INDEX function_id IF NOT EXISTS FOR (n:Function) ON (n.id);
CREATE CONSTRAINT contract_key IF NOT EXISTS FOR (n:Contract) REQUIRE n.key IS UNIQUE;
CREATE INDEX contract_estate IF NOT EXISTS FOR (n:Contract) ON (n.estate);
CREATE INDEX contract_id IF NOT EXISTS FOR (n:Contract) ON (n.id);
CREATE CONSTRAINT sla_key IF NOT EXISTS FOR (n:SLA) REQUIRE n.key IS UNIQUE;
CREATE INDEX sla_estate IF NOT EXISTS FOR (n:SLA) ON (n.estate);
CREATE INDEX sla_id IF NOT EXISTS FOR (n:SLA) ON (n.id);
CREATE CONSTRAINT incident_key IF NOT EXISTS FOR (n:Incident) REQUIRE n.key IS UNIQUE;
CREATE INDEX incident_estate IF NOT EXISTS FOR (n:Incident) ON (n.estate);
CREATE INDEX incident_id IF NOT EXISTS FOR (n:Incident) ON (n.id);
CREATE CONSTRAINT estate_key IF NOT EXISTS FOR (n:Estate) REQUIRE n.key IS UNIQUE;
CREATE INDEX estate_estate IF NOT EXISTS FOR (n:Estate) ON (n.estate);
CREATE CONSTRAINT scenario_key IF NOT EXISTS FOR (n:Scenario) REQUIRE n.key IS UNIQUE;
CREATE INDEX scenario_estate IF NOT EXISTS FOR (n:Scenario) ON (n.estate);
CREATE CONSTRAINT origins_key IF NOT EXISTS FOR (n:Origins) REQUIRE n.key IS UNIQUE;
CREATE INDEX origins_estate IF NOT EXISTS FOR (n:Origins) ON (n.estate);
