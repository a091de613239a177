"""Everything Neo4j: the Cypher files, the store, and the local servers."""
