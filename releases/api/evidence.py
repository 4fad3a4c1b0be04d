"""The evidence of a release: read in three forms, written, verified and closed."""

from functools import partial
from typing import Any, Final

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from environments.locking import lock_project
from gitopshq.core.api.openapi import operation
from gitopshq.core.api.serializers import NoBody, Query, Serializer
from releases import actions, asking, record
from releases.api.answers import AllowedActionAnswer
from releases.api.bodies import NOTES, SHORT
from releases.api.releases import ReleaseView
from releases.evidence.bundle import bundle_of, to_bytes
from releases.evidence.document import document_of
from releases.evidence.fields import WRITTEN
from releases.evidence.markdown import to_markdown
from releases.models import Release
from releases.record import evidence_of


class EvidenceMarkdown(JSONRenderer):
    """Lets a client ask for Markdown; the view writes it."""

    media_type = "text/markdown"
    format = "markdown"
    charset = "utf-8"


class EvidenceBundle(JSONRenderer):
    """Lets a client ask for the bundle; the view writes it."""

    media_type = "application/vnd.gitopshq.evidence+json"
    format = "bundle"


class EvidenceFilters(Query):
    format = serializers.ChoiceField(["json", "markdown", "bundle"], required=False)


class EvidenceAnswer(Serializer[None]):
    """The ten fields of the template, who verified and closed it, and the facts."""

    title = serializers.CharField()
    project_environment = serializers.CharField()
    requester = serializers.CharField()
    approvers = serializers.ListField(child=serializers.CharField())
    executor = serializers.CharField(allow_null=True)
    risk_summary = serializers.CharField()
    diff_summary = serializers.CharField()
    runtime_verification_summary = serializers.CharField()
    fallback_plan = serializers.CharField()
    post_release_follow_up_tasks = serializers.CharField()
    verifier = serializers.CharField(allow_null=True)
    verified_at = serializers.DateTimeField(allow_null=True)
    verification_note = serializers.CharField()
    verified_independently = serializers.BooleanField(allow_null=True)
    closed = serializers.BooleanField()
    closed_by = serializers.CharField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    digest = serializers.CharField(allow_null=True)
    people = serializers.JSONField()
    facts = serializers.JSONField()
    allowed_actions = AllowedActionAnswer(many=True)


class EvidencePatch(Serializer[None]):
    """What people write."""

    risk_summary = serializers.CharField(max_length=NOTES, allow_blank=True)
    runtime_verification_summary = serializers.CharField(
        max_length=NOTES, allow_blank=True
    )
    fallback_plan = serializers.CharField(max_length=NOTES, allow_blank=True)
    post_release_follow_up_tasks = serializers.CharField(
        max_length=NOTES, allow_blank=True
    )


class VerifyInput(Serializer[None]):
    note = serializers.CharField(
        max_length=SHORT, allow_blank=True, required=False, default=""
    )


class EvidenceView(ReleaseView):
    """The evidence of one release, as JSON."""

    def evidence(self, release: Release) -> Response:
        """Answer with all of it, and with what the caller could do."""
        return self.show(self.whole(release), EvidenceAnswer)

    def whole(self, release: Release) -> dict[str, Any]:
        """Return the document by Python names, with its digest once it is closed."""
        evidence = evidence_of(release)
        document = document_of(release, evidence)
        steps = record.allowed_steps(evidence, actor=self.actor, by_token=self.is_token)
        return {
            **{python: document[name] for python, name in _NAMES.items()},
            "digest": evidence.digest or None,
            "allowed_actions": steps,
        }


_OF_THE_VIEW: Final = frozenset({"digest", "allowed_actions"})
_NAMES: Final = {
    str(field.source): name
    for name, field in EvidenceAnswer().fields.items()
    if field.source not in _OF_THE_VIEW
}


class EvidenceDetail(EvidenceView):
    asks = {"PATCH": asking.EDIT_EVIDENCE}
    renderer_classes = (JSONRenderer, EvidenceMarkdown, EvidenceBundle)

    @operation(
        gives=EvidenceAnswer,
        filters=EvidenceFilters,
        other={
            (200, EvidenceMarkdown.media_type): str,
            (200, EvidenceBundle.media_type): dict,
        },
    )
    def get(
        self, request: Request, project: str, number: int
    ) -> Response | HttpResponse:
        """Show the evidence: as JSON, as Markdown, or as a bundle to be checked."""
        release = self.release()
        self.query(EvidenceFilters)
        match request.accepted_renderer.format:
            case "markdown":
                return _markdown(release)
            case "bundle":
                content = to_bytes(bundle_of(release, actor=self.actor))
                return _file(release, "bundle.json", content, EvidenceBundle.media_type)
        return self.evidence(release)

    @operation(takes=EvidencePatch, gives=EvidenceAnswer)
    def patch(self, request: Request, project: str, number: int) -> Response:
        """Write some of the four fields that people fill in."""
        release = self.release()
        given = self.read(EvidencePatch, partial=True)
        changed = {WRITTEN[name]: text for name, text in given.items()}
        with self.unchanged(self._shape, lock=partial(lock_project, release.project)):
            actions.edit_evidence(release, actor=self.actor, changed=changed)
        return self.evidence(self.release())

    def _shape(self) -> object:
        return self.shape(self.whole(self.release()), EvidenceAnswer)


class Verify(EvidenceView):
    asks = {"POST": asking.VERIFY_EVIDENCE}

    @operation(takes=VerifyInput, gives=EvidenceAnswer)
    def post(self, request: Request, project: str, number: int) -> Response:
        """Say in person that one has looked at how the release runs."""
        release = self.release()
        given = self.read(VerifyInput)
        actions.verify_evidence(
            release, actor=self.actor, by_token=self.is_token, **given
        )
        return self.evidence(self.release())


class Close(EvidenceView):
    asks = {"POST": asking.CLOSE_EVIDENCE}

    @operation(takes=NoBody, gives=EvidenceAnswer)
    def post(self, request: Request, project: str, number: int) -> Response:
        """Close the release: its evidence is frozen."""
        release = self.release()
        self.read(NoBody)
        actions.close_evidence(release, actor=self.actor)
        return self.evidence(self.release())


def _markdown(release: Release) -> HttpResponse:
    evidence = evidence_of(release)
    text = to_markdown(document_of(release, evidence), evidence.digest or None)
    kind = f"{EvidenceMarkdown.media_type}; charset=utf-8"
    return _file(release, "md", text.encode(), kind)


def _file(release: Release, ending: str, content: bytes, kind: str) -> HttpResponse:
    name = f"{release.project.slug}-{release.name}-evidence.{ending}"
    disposition = f'inline; filename="{name}"'
    return HttpResponse(
        content, content_type=kind, headers={"Content-Disposition": disposition}
    )
