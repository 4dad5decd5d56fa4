"""How each server is installed and started; one module for each."""
