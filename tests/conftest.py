"""The place every test happens in, and the people who work there."""

pytest_plugins = [
    "tests.people",
    "tests.permissions.counting",
    "tests.requirements",
    "tests.services",
]
