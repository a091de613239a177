// Create Location nodes. $rows: their properties.
UNWIND $rows AS row
CREATE (n:Location {key: row.key, id: row.id, estate: row.estate, position: row.position, record: row.record, name: row.name, availability: row.availability, unavailability: row.unavailability, kind: row.kind, country: row.country})
