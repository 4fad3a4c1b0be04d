"""What the served repository of a release holds, read by the real git."""

import subprocess

from delivery.repositories import repositories_of


def git(release, *args):
    path = repositories_of(release.project).main
    done = subprocess.run(["git", "-C", path, *args], check=True, capture_output=True)
    return done.stdout.decode().strip()


def commits_of(release):
    """Return how many commits on main are of the release."""
    subject = f"release({release.target}): {release.name} "
    return git(release, "log", "--format=%s", "main").count(subject)
