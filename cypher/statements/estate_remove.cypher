// Forget an estate whose records are gone.
MATCH (e:Estate {key: $key})
DELETE e
