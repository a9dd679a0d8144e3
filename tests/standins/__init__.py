"""Servers on loopback that behave like the chat platforms, strictly."""
