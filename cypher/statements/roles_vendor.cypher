// A vendor supplies one of our own organizations.
MATCH (n:Organization {estate: $estate})<-[:SUPPLIED_BY]-(:Contract)-[:SUPPLIED_TO]->(c:Organization)
WHERE c.is_own = true
SET n:Vendor
