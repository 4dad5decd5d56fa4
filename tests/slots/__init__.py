"""Tests of the slots, without a reactor."""
