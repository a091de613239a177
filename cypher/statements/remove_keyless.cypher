// Remove nodes that somebody added to an estate by hand, without a key.
MATCH (n)
WHERE n.estate = $estate AND n.key IS NULL AND (n:Organization OR n:Location OR n:Service OR n:Function OR n:Contract OR n:SLA OR n:Incident)
DETACH DELETE n
