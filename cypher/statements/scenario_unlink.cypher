// Take away what a Scenario was said to fail.
MATCH (n:Scenario {key: $key})-[r:FAILS]->()
DELETE r
