// Keep one part of the origins of values of an estate.
CREATE (n:Origins {key: $row.key, estate: $row.estate, version: $row.version, parts: $row.parts, position: $row.position, record: $row.record})
