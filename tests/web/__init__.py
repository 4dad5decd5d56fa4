"""Tests of hangerd.web."""
