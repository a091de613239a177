// Estates that the database holds.
MATCH (e:Estate)
WHERE e.digest IS NOT NULL
RETURN e.id AS id, e.name AS name, e.pushed AS pushed
