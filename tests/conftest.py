"""What all tests share."""

from hypothesis import HealthCheck, settings

# Machines are noisy: a slow example is no fault. Everything else stays as hypothesis chose it.
settings.register_profile(
    "any machine",
    parent=settings.default,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("any machine")
