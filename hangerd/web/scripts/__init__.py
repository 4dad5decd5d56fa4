"""Scripts over HTTP: a request becomes a run, and the run's output an answer."""
