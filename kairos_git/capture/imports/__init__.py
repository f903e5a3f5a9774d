"""What people wrote by hand for their agents, and what other tools remember, as observations of this memory.

The one rule: what is read stays as it is, and reading it again brings nothing twice.
"""
