// Ids of all records of an estate.
MATCH (n)
WHERE n.estate = $estate AND n.id IS NOT NULL
RETURN DISTINCT n.id AS id
