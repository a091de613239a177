// Create (SLA)-[FLOWS_DOWN]->(SLA). $rows: keys of both ends, and properties.
UNWIND $rows AS row
MATCH (a:SLA {key: row.from})
MATCH (b:SLA {key: row.to})
CREATE (a)-[r:FLOWS_DOWN {key: row.properties.key, obligation: row.properties.obligation, promised: row.properties.promised, held: row.properties.held, status: row.properties.status}]->(b)
