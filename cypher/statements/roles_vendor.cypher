// A vendor supplies one of our own organizations. $rows: keys.
UNWIND $rows AS row
MATCH (n:Organization {key: row})
SET n:Vendor
