// Say which push the estate now holds.
MATCH (e:Estate {key: $key})
SET e.id = $id, e.estate = $id, e.name = $name, e.digest = $digest, e.tag = $tag, e.record = $record, e.pushed = $pushed
