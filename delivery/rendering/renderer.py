"""One unit from its job to its documents, in the order of domain 5.

It runs in the rendering child. Pipes, limits and the life of the child are elsewhere;
what only shows across units is checked in `assemble`.
"""

import time
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

from delivery.rendering.checks import Validated, check_documents
from delivery.rendering.determinism import differences
from delivery.rendering.documents import DocumentRefused, read_resources, split
from delivery.rendering.helm import HelmEngine, HelmRefused, HelmRequest
from delivery.rendering.helmerrors import (
    HelmContext,
    ValuesLayer,
    failing_template,
    read_helm_errors,
)
from delivery.rendering.inputs import Inputs, resolve_inputs
from delivery.rendering.keptcharts import KeptChart
from delivery.rendering.kustomize import KustomizeRefused, build_overlay
from delivery.rendering.overlaybatches import Build
from delivery.rendering.running import Engines
from delivery.rendering.scanning import shift_clock_in_yaml
from delivery.rendering.secrecy import Secrets
from delivery.rendering.suiting import suited_request
from delivery.rendering.units import (
    Document,
    RenderError,
    UnitJob,
    UnitOverlay,
    UnitRefused,
    UnitResult,
)
from delivery.rendering.validation import faults
from environments.desired.kustomizations import check_overlay
from environments.desired.texts import is_yaml_path
from environments.desired.yamlreading import NotYaml

_T = TypeVar("_T")
Steps = Generator[Build, str, _T]
"""Work that waits for Kustomize at each of its steps."""

MAX_TEMPLATE_ERRORS: Final = 8
"""Templates that are taken out, one by one, to find what else is wrong."""


@dataclass(frozen=True)
class Renderer:
    """What all renderings of a child have in common."""

    engines: Engines
    helm: HelmEngine
    key_ring: str = ""

    def render(self, job: UnitJob, chart: KeptChart | None) -> UnitResult:
        """Render a unit; ``chart`` is that of the job, if it has one.

        :raises EngineStopped: an engine took more than it may.
        :raises CannotOpen: a secret cannot be opened with the keys at hand.
        """
        deadline = time.monotonic() + self.engines.limits.seconds
        steps = self.steps(job, chart, deadline)
        try:
            build = next(steps)
            while True:
                try:
                    printed = build_overlay(
                        build.files,
                        build.workload,
                        engines=self.engines,
                        deadline=deadline,
                    )
                except KustomizeRefused as refusal:
                    build = steps.throw(refusal)
                else:
                    build = steps.send(printed)
        except StopIteration as end:
            result: UnitResult = end.value
            return result

    def steps(
        self, job: UnitJob, chart: KeptChart | None, deadline: float
    ) -> Steps[UnitResult]:
        """Render a unit but for what Kustomize does: yield that, take what it prints.

        `KustomizeRefused` may be thrown in its place; raises as `render`.
        """
        secrets = Secrets({})
        try:
            inputs = resolve_inputs(job, self.key_ring)
            secrets = Secrets(inputs.secrets)
            unit = _Unit(self, job, inputs, secrets, deadline)
            documents = yield from unit.documents(chart)
        except UnitRefused as refusal:
            errors = dict.fromkeys(self._clean(one, secrets) for one in refusal.errors)
            return UnitResult(job.unit, errors=tuple(errors))
        return UnitResult(job.unit, documents=tuple(documents))

    def _clean(self, error: RenderError, secrets: Secrets) -> RenderError:
        """Take secrets and the paths of this machine out of an error."""
        message = secrets.hidden(error.message)
        for path in (self.engines.home, self.engines.helm, self.engines.kubectl):
            message = message.replace(str(path), "…")
        return replace(error, message=message)


@dataclass(frozen=True)
class _Unit:
    renderer: Renderer
    job: UnitJob
    inputs: Inputs
    secrets: Secrets
    deadline: float
    errors: list[RenderError] = field(default_factory=list)

    def documents(self, chart: KeptChart | None) -> Steps[list[Document]]:
        """Render, split and check.

        :raises UnitRefused: with everything that was found wrong.
        """
        documents: list[Validated] = []
        if self.job.kind == "manifests":
            for file in self.job.files:
                if not is_yaml_path(file.path):
                    self._add("a manifest is a YAML or JSON file", file.source, "file")
                    continue
                text = self.inputs.text(file)
                documents += self._split(text, file.source, is_source=True)
        else:
            overlays = list(self._checked_overlays())
            printed = None if chart is None else self._rendered(chart)
            if self.errors:
                raise UnitRefused(*self.errors)
            for overlay, files in overlays:
                printed = yield from self._built(overlay, Build(files, printed))
            documents += self._split(printed or "", self.job.main_source)
        if not self.errors:
            self._check(documents)
        if self.errors:
            raise UnitRefused(*self.errors)
        return [document for document, _ in documents]

    def _rendered(self, chart: KeptChart) -> str | None:
        values = tuple(self.inputs.text(layer) for layer in self.job.layers)
        request = HelmRequest(
            chart=chart.path,
            release=self.job.unit,
            namespace=self.job.namespace,
            kubernetes_version=self.job.kubernetes_version,
            api_versions=self.job.api_versions,
            values=values,
            suited=suited_request(
                chart.suited,
                chart.scan,
                values,
                kubernetes_version=self.job.kubernetes_version,
                api_versions=self.job.api_versions,
            ),
        )
        try:
            first = self._template(request)
            is_allowed = self.job.allow_nondeterministic
            if not is_allowed and chart.scan.may_differ_with(values, first):
                shifted = replace(
                    request,
                    suited=None,
                    chart=chart.with_shifted_clock(),
                    values=tuple(map(shift_clock_in_yaml, values)),
                )
                self.errors.extend(
                    differences(
                        first,
                        self._template(shifted),
                        unit=self.job.unit,
                        file=self.job.main_source,
                    )
                )
        except HelmRefused as refusal:
            self.errors.extend(self._helm_errors(chart, request, refusal.printed))
            return None
        return first

    def _template(self, request: HelmRequest) -> str:
        return self.renderer.helm.template(request, deadline=self.deadline)

    def _helm_errors(
        self, chart: KeptChart, request: HelmRequest, printed: str
    ) -> Iterator[RenderError]:
        """Give Helm's error, then what it finds without the template at fault."""
        context = HelmContext(
            self.job.unit,
            chart.name,
            self.job.main_source,
            tuple(
                ValuesLayer(layer.source, text)
                for layer, text in zip(self.job.layers, request.values, strict=True)
            ),
        )
        emptied: frozenset[str] = frozenset()
        told: set[tuple[str, int | None]] = set()
        for _ in range(MAX_TEMPLATE_ERRORS):
            for error in read_helm_errors(printed, context):
                # One line of a helper fails every template that includes it.
                if error.line is None or (error.file, error.line) not in told:
                    yield error
                told.add((error.file, error.line))
            template = failing_template(printed)
            if template is None or template in emptied or _is_partial(template):
                return
            emptied |= {template}
            partial = chart.without(emptied)
            if partial is None:
                return
            try:
                self._template(replace(request, chart=partial, suited=None))
            except HelmRefused as refusal:
                printed = refusal.printed
            else:
                return

    def _checked_overlays(self) -> Iterator[tuple[UnitOverlay, Mapping[str, str]]]:
        for overlay in self.job.overlays:
            files = {file.path: self.inputs.text(file) for file in overlay.files}
            sources = {file.path: file.source for file in overlay.files}
            attached = self.job.kind == "workload"
            for found in check_overlay(files, attached=attached):
                source = sources.get(found.path, self.job.main_source)
                self._add(found.message, source, found.reason, found.line)
            yield overlay, files

    def _built(self, overlay: UnitOverlay, build: Build) -> Steps[str]:
        try:
            return (yield build)
        except KustomizeRefused as refusal:
            sources = {file.path: file.source for file in overlay.files}
            main = next(
                (sources[path] for path in sources if "kustomization" in path.lower()),
                self.job.main_source,
            )
            place = sources.get(refusal.path, main)
            self._add(refusal.message, place, "kustomize", refusal.line)
            raise UnitRefused(*self.errors) from refusal

    def _split(
        self, text: str, file: str, *, is_source: bool = False
    ) -> list[Validated]:
        """Cut a text into resources, each held against the schema of its kind."""
        version = self.job.kubernetes_version
        documents: list[Validated] = []
        for chunk in split(text):
            try:
                # What was read of a text is large, and let go before the next.
                for found in read_resources(chunk):
                    document = replace(
                        found.document,
                        source=file if is_source else chunk.source or file,
                        line=chunk.line if is_source else None,
                    )
                    refused = faults(document.versioned_kind, found.json, version)
                    documents.append((document, refused))
            except DocumentRefused as refusal:
                line = refusal.line if is_source else None
                source = file if is_source else refusal.source or file
                self._add(refusal.message, source, "document", line)
            if len(documents) > self.renderer.engines.limits.documents:
                self._add("too many resources", file, "documents")
                break
        return documents

    def _check(self, documents: list[Validated]) -> None:
        try:
            self.errors.extend(check_documents(documents, self.job, self.secrets))
        except NotYaml as refusal:
            self._add(refusal.reason, self.job.main_source, "document")

    def _add(
        self, message: str, file: str, reason: str, line: int | None = None
    ) -> None:
        self.errors.append(
            RenderError("template_error", self.job.unit, message, file, line, reason)
        )


def _is_partial(template: str) -> bool:
    return template.rpartition("/")[2].startswith("_")
