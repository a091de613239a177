// Location nodes that the database holds of an estate.
MATCH (n:Location {estate: $estate})
WITH toInteger(rand() * 16) AS bucket, properties(n) AS row
RETURN collect(row) AS rows
