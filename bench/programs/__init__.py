"""What the servers serve: the same functions for each, in its own words."""
