"""Search: facts and raw log lines, through an index that may be deleted at any time."""
