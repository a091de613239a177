// Edges from Contract nodes that the database holds of an estate: start, type with key, end, properties.
MATCH (a:Contract {estate: $estate})-[r:SUPPLIED_BY|SUPPLIED_TO|HOLDS]->(b)
WITH toInteger(rand() * 16) AS bucket, [a.key, type(r) + ' ' + coalesce(toStringOrNull(r.key), ''), b.key, properties(r)] AS row
RETURN collect(row) AS rows
