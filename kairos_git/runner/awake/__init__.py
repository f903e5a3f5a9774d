"""What happens by itself: when, what, within which bounds."""
