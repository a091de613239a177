"""What happens to agreements over time."""
