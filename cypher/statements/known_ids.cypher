// Which of some ids belong to a record of an estate.
MATCH (n)
WHERE n.estate = $estate AND n.id IN $ids
RETURN DISTINCT n.id AS id
