"""What exists, in the field's words; nothing here computes over the graph."""
