"""What every test can ask for; the plugins say what they give."""

pytest_plugins = ["tests.support.tiers", "tests.support.back_ends"]
