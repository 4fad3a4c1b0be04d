"""The product's settings, with leases short enough to wait for and a clock to set."""

from gitopshq.settings import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "tests.faults.apps.FaultsConfig"]  # noqa: F405
