"""What only the operator sees: the dashboard, who is signed in, numbers, and the end."""
