"""GitHub's events -> observations: by a receiver of webhook deliveries, or by asking for them."""
