// A subcontractor supplies somebody who is not our own. $rows: keys.
UNWIND $rows AS row
MATCH (n:Organization {key: row})
SET n:Subcontractor
