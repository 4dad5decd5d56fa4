"""One way to call a function each; they run in the Python that has the peer's own client."""
