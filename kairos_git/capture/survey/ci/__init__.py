"""What CI runs on every change, and with which versions."""
