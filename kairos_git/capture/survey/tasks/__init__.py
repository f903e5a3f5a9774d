"""What a command is for, which are never offered, and how task files and shell lines are read."""
