"""What waits for the owner: proposals, questions, decisions, and decisions found in history."""
