"""Tests of the real daemon, with real browsers, proxies and processes around it."""
