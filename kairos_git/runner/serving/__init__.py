"""What an agent is given, gathered from everything it depends on."""
