// One saved scenario, and whether the estate was pushed with other content since; what flows
// down changes with the day.
MATCH (n:Scenario {key: $key})
MATCH (e:Estate {key: $estate_key})
RETURN n.record AS record, n.saved AS saved, split(n.estate_digest, '+')[0] <> split(e.digest, '+')[0] AS estate_changed
