// Take the estate's write lock; tells what was pushed before.
MERGE (e:Estate {key: $key})
SET e.locked_by = $tag
WITH e
RETURN e.digest AS digest, e.tag AS tag
