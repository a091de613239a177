// The estate's own values.
MATCH (e:Estate {key: $key})
WHERE e.digest IS NOT NULL
RETURN e.record AS record, e.digest AS digest
