"""Unit tests (trial); the real daemon is tested in `tests.integration` (pytest)."""

from hypothesis import HealthCheck, settings

# A busy machine is no fault of what is tested, and nothing is remembered from run to run.
settings.register_profile(
    "hangerd", deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("hangerd")
