// Edges from Service nodes that the database holds of an estate: start, type with key, end, properties.
MATCH (a:Service {estate: $estate})-[r:DEPENDS_ON|LOCATED_IN|SUPPORTS]->(b)
WITH toInteger(rand() * 16) AS bucket, [a.key, type(r) + ' ' + coalesce(toStringOrNull(r.key), ''), b.key, properties(r)] AS row
RETURN collect(row) AS rows
