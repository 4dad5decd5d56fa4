"""Tests of what hangerd says over HTTP, without sockets."""
