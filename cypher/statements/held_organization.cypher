// Organization nodes that the database holds of an estate.
MATCH (n:Organization {estate: $estate})
WITH toInteger(rand() * 16) AS bucket, [properties(n), n:Vendor, n:Subcontractor] AS row
RETURN collect(row) AS rows
