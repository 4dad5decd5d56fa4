"""Slots over HTTP: the routes under /hanger/, and what they answer."""
