// Contract nodes that the database holds of an estate.
MATCH (n:Contract {estate: $estate})
WITH toInteger(rand() * 16) AS bucket, properties(n) AS row
RETURN collect(row) AS rows
