// Take the role labels away; they follow from the contracts.
MATCH (n:Organization {estate: $estate})
REMOVE n:Vendor:Subcontractor
