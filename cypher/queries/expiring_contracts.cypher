// Contracts that end on or before a day.
// Parameters: $day: the day, such as 2026-12-31
MATCH (c:Contract {estate: $estate})
WHERE c.end_day IS NOT NULL AND c.end_day <= $day
WITH c.id AS contract, c.end_day AS ends
RETURN contract, ends
ORDER BY ends, contract
