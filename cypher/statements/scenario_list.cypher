// Saved scenarios of an estate.
MATCH (n:Scenario {estate: $estate})
MATCH (e:Estate {key: $estate_key})
RETURN n.id AS name, n.why AS why, n.incidents AS incidents, n.edits AS edits, n.saved AS saved, n.estate_digest <> e.digest AS estate_changed
