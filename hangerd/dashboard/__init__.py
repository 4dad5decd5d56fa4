"""What the operator's dashboard shows and remembers, and who is signed in to it."""
