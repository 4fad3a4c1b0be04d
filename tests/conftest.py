"""The place every test happens in, and the people who work there."""

pytest_plugins = [
    "tests.garbage",
    "tests.people",
    "tests.permissions.counting",
    "tests.requirements",
    "tests.services",
]
