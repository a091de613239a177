// Saved scenarios of an estate.
MATCH (n:Scenario {estate: $estate})
MATCH (e:Estate {key: $estate_key})
RETURN n.id AS name, n.why AS why, n.incidents AS incidents, n.edits AS edits, n.saved AS saved, split(n.estate_digest, '+')[0] <> split(e.digest, '+')[0] AS estate_changed
