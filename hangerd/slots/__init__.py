"""Slots: an HTTP read hangs until somebody writes."""
