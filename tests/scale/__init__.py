"""``python -m tests.scale``: how the product holds at the size it is made for."""

PROJECT = "scale"
STAGES = ("dev", "test", "stage", "pre", "prod")


def tenant(number: int) -> str:
    """Return the slug of the tenant with that number, from 0."""
    return f"tenant-{number:03}"


def service(number: int) -> str:
    """Return the name of the workload with that number, from 0."""
    return f"svc-{number:02}"
