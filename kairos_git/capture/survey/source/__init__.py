"""Which files are source and which are tests, where the source has its roots, and what it says of itself."""
