"""The model's turns: proposals to a dream, batches, one ledger of what was spent, and what left the machine."""
