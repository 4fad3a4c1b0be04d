"""The place every test happens in, and the people who work there."""

pytest_plugins = ["tests.requirements", "tests.services"]
