"""Static files: which version, which part, and how its bytes are sent."""
