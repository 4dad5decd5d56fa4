"""Where js-host keeps the levels of what it prints."""
