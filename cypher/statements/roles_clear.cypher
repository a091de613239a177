// Take the role labels away; they follow from the contracts. $rows: keys.
UNWIND $rows AS row
MATCH (n:Organization {key: row})
REMOVE n:Vendor:Subcontractor
