"""Sessions of agents: hearing their events, remembering what they say, taking in what they wrote."""
