// One saved scenario, and whether the estate was pushed anew since.
MATCH (n:Scenario {key: $key})
MATCH (e:Estate {key: $estate_key})
RETURN n.record AS record, n.saved AS saved, n.estate_digest <> e.digest AS estate_changed
