"""What every test can ask for; the plugins say what they give."""

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.support.tiers", "tests.support.back_ends", "tests.support.quiet"]

# A busy machine is no finding: what takes long is seen by the suite's own time limit.
settings.register_profile(
    "steady", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("steady")
