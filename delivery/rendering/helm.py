"""Helm behind an interface, and the engine that calls the ``helm`` program.

What counts is what ``helm template --include-crds --skip-tests`` prints. What Helm's
refusals mean to an author is in `helmerrors`; the faster engine is `helminprocess`.
"""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from delivery.rendering.running import Engines
from delivery.rendering.suiting import Suited


@dataclass(frozen=True)
class HelmRequest:
    """One call of Helm. ``chart`` is a packed chart; ``values`` go broad to narrow.

    ``suited`` is there if it may be rendered in process.
    """

    chart: Path
    release: str
    namespace: str
    kubernetes_version: str
    api_versions: tuple[str, ...]
    values: tuple[str, ...]
    suited: Suited | None = None


class HelmRefused(Exception):
    """Helm printed an error instead of manifests; ``printed`` is its stderr."""

    def __init__(self, printed: str) -> None:
        super().__init__(printed)
        self.printed = printed


class HelmEngine(Protocol):
    """Anything that renders a chart as ``helm template`` does."""

    def template(self, request: HelmRequest, *, deadline: float) -> str:
        """Render a chart; ``deadline`` is on the monotonic clock.

        :raises HelmRefused: the chart or its values are wrong.
        :raises EngineStopped: it took more than it may.
        """


@dataclass(frozen=True)
class HelmProgram:
    """The ``helm`` program in a limited process."""

    engines: Engines

    def template(self, request: HelmRequest, *, deadline: float) -> str:
        """Render a chart by ``helm template``; raises as `HelmEngine.template`."""
        with tempfile.TemporaryDirectory(dir=self.engines.home) as name:
            folder = Path(name)
            command = [
                str(self.engines.helm),
                "template",
                "--namespace",
                request.namespace,
                "--include-crds",
                "--skip-tests",
            ]
            if request.kubernetes_version:
                command += ["--kube-version", request.kubernetes_version]
            if request.api_versions:
                command += ["--api-versions", ",".join(request.api_versions)]
            for number, text in enumerate(request.values):
                layer = folder / f"layer-{number}.yaml"
                layer.write_text(text, encoding="utf-8")
                command += ["--values", layer.name]
            # Behind "--" a name is a name, whatever it begins with.
            command += ["--", request.release, str(request.chart)]
            ended = self.engines.run(command, folder=folder, deadline=deadline)
        if ended.code:
            raise HelmRefused(ended.stderr)
        try:
            return ended.stdout.decode()
        except UnicodeDecodeError as refusal:
            raise HelmRefused("Error: the chart prints text that is not UTF-8") from (
                refusal
            )
