"""Letting systemd, launchd or cron call the ticks."""
