"""Klein apps, producers and pages: the only room that knows HTTP."""
