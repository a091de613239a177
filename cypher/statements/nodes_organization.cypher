// Create Organization nodes. $rows: their properties.
UNWIND $rows AS row
CREATE (n:Organization {key: row.key, id: row.id, estate: row.estate, position: row.position, record: row.record, name: row.name, availability: row.availability, unavailability: row.unavailability, is_own: row.is_own, country: row.country, lei: row.lei})
