"""What is edited in a project: files that differ, when they were saved, and the few observations made of that."""
