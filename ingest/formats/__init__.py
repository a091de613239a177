"""Foreign formats: one file each, found by entry points so that others can add theirs."""
