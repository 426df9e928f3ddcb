"""What every test can ask for; the plugins say what they give."""

from hypothesis import HealthCheck, Phase, settings

pytest_plugins = ["tests.support.tiers", "tests.support.back_ends", "tests.support.quiet"]

# A busy machine is no finding: what takes long is seen by the suite's own time limit.
settings.register_profile(
    "steady", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
# For mutants (docs/testing.md): few cases, always the same, and none made smaller once one fails.
settings.register_profile(
    "mutation",
    settings.get_profile("steady"),
    max_examples=20,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
)
settings.load_profile("steady")
