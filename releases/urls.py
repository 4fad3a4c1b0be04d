"""Where the pages of releases are. The target's own address comes last: it is broad."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from environments.addresses import TENANT
from releases.views import (
    breaking_glass,
    bulk,
    causes,
    comments,
    comparing,
    dashboard,
    evidence,
    history,
    projects,
    releases,
    repository,
    rollbacks,
    search,
    steps,
    targets,
    viewing,
    votes,
)

app_name = "releases"


class StepConverter(StringConverter):
    """A verb that takes a release a step further."""

    regex = "|".join(steps.STEPS)


register_converter(StepConverter, "step")

RELEASE = "projects/<slug:project>/releases/<int:number>"
REPOSITORY = "projects/<slug:project>/repository"
TARGET = f"projects/<slug:project>/{TENANT}/<slug:environment>"

urlpatterns = [
    path("", dashboard.show, name="dashboard"),
    path("search", search.search, name="search"),
    path("projects", projects.projects, name="projects"),
    path("projects/<slug:project>", projects.project, name="project"),
    path("projects/<slug:project>/releases", releases.releases, name="releases"),
    path("projects/<slug:project>/releases/new", bulk.create, name="bulk"),
    path("projects/<slug:project>/history", history.of_project, name="project_history"),
    path(
        "projects/<slug:project>/history.csv",
        history.download,
        name="history_download",
    ),
    path("projects/<slug:project>/releases/compare", comparing.choose, name="compare"),
    path(
        "projects/<slug:project>/releases/compare/<path:sides>",
        comparing.compare,
        name="comparison",
    ),
    path(REPOSITORY, repository.browse, name="repository"),
    path(f"{REPOSITORY}/connect", repository.connect, name="repository_connect"),
    path(
        f"{REPOSITORY}/connect/test",
        repository.try_connection,
        name="repository_try",
    ),
    path(
        f"{REPOSITORY}/commit/<slug:sha>",
        repository.commit,
        name="repository_commit",
    ),
    path(
        f"{REPOSITORY}/commits/<slug:ref>",
        repository.commits,
        name="repository_commits",
    ),
    path(
        f"{REPOSITORY}/commits/<slug:ref>/<path:path>",
        repository.commits,
        name="repository_commits",
    ),
    path(f"{REPOSITORY}/tree/<slug:ref>", repository.browse, name="repository_tree"),
    path(
        f"{REPOSITORY}/tree/<slug:ref>/<path:path>",
        repository.browse,
        name="repository_tree",
    ),
    path(
        f"{REPOSITORY}/raw/<slug:ref>/<path:path>",
        repository.raw,
        name="repository_raw",
    ),
    path(f"{RELEASE}", releases.release, name="release"),
    path(f"{RELEASE}/progress", releases.progress, name="progress"),
    path(f"{RELEASE}/why", causes.why, name="why"),
    path(f"{RELEASE}/vote", steps.vote, name="vote"),
    path(f"{RELEASE}/votes", votes.votes, name="votes"),
    path(f"{RELEASE}/cancel", steps.cancel, name="cancel"),
    path(f"{RELEASE}/edit", steps.edit, name="edit"),
    path(f"{RELEASE}/rollback", rollbacks.roll_back, name="rollback"),
    path(
        f"{RELEASE}/rollback/<slug:snapshot>",
        rollbacks.preview,
        name="rollback_preview",
    ),
    path(f"{RELEASE}/break-glass", breaking_glass.ask, name="break_glass"),
    path(
        f"{RELEASE}/break-glass/confirm",
        breaking_glass.confirm,
        name="confirm_break_glass",
    ),
    path(f"{RELEASE}/comments", comments.say, name="comment"),
    path(f"{RELEASE}/viewed", viewing.mark, name="viewed"),
    path(f"{RELEASE}/evidence", evidence.show, name="evidence"),
    path(f"{RELEASE}/evidence/verify", evidence.verify, name="evidence_verify"),
    path(f"{RELEASE}/evidence/close", evidence.close, name="evidence_close"),
    path(f"{RELEASE}/<step:verb>", steps.step, name="step"),
    path(f"{TARGET}", targets.show, name="target"),
    path(f"{TARGET}/release", targets.create, name="create"),
    path(f"{TARGET}/preview/<slug:snapshot>", targets.preview, name="preview"),
    path(f"{TARGET}/history", history.of_target, name="history"),
    path(f"{TARGET}/bind", targets.bind, name="bind"),
    path(f"{TARGET}/unbind/<slug:workload>", targets.unbind, name="unbind"),
    path(f"{TARGET}/discard/<slug:change>", targets.discard, name="discard"),
]
