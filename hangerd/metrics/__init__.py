"""Numbers for machines: what the services count, in the families that Prometheus reads."""
