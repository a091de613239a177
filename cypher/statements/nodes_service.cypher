// Create Service nodes. $rows: their properties.
UNWIND $rows AS row
CREATE (n:Service {key: row.key, id: row.id, estate: row.estate, position: row.position, record: row.record, name: row.name, availability: row.availability, unavailability: row.unavailability, criticality: row.criticality, provider: row.provider})
