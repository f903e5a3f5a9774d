"""Telling the owner: notices to a phone, a desktop or a chat, seldom and short."""
