"""Unit tests (trial); the real daemon is tested in `tests.integration` (pytest)."""
