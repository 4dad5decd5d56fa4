"""Where bgpy keeps the address of its tests, and its tokens."""
