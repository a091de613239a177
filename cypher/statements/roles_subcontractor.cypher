// A subcontractor supplies somebody who is not our own.
MATCH (n:Organization {estate: $estate})<-[:SUPPLIED_BY]-(:Contract)-[:SUPPLIED_TO]->(c:Organization)
WHERE c.is_own = false
SET n:Subcontractor
