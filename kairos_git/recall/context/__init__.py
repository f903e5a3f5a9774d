"""What an agent is given at the start of a session: tiers of lines, packed into a budget, inside a fence."""
