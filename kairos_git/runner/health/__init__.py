"""How a memory is: a glance, a long look, the laws at any commit, and privacy in plain words."""
