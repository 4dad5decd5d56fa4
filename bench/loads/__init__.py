"""What asks the servers, and takes the time."""
