"""The texts of a job with the variables put in: the one place that opens secrets.

It runs in the rendering child only. Every unresolved name and every value that does
not fit is reported at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from delivery.rendering.units import RenderError, UnitFile, UnitJob, UnitRefused
from environments.desired.placeholders import Placeholder
from environments.desired.scoping import VariableIndex, scopes_looked_at
from environments.desired.sealing import CannotOpen, KeyRing, open_sealed
from environments.desired.substitution import PlaceholderRefused, substitute
from environments.desired.texts import TextRefused, check_file, check_values_text

SEALED_AS = "variable"
"""The ``purpose`` under which secret values of variables are sealed."""


@dataclass(frozen=True)
class Inputs:
    """Resolved texts by source path, and the secrets that stand in them.

    ``secrets`` maps plaintext to fingerprint.
    """

    texts: Mapping[str, str]
    secrets: Mapping[str, str]

    def text(self, file: UnitFile) -> str:
        """Give the resolved text of a file of the job."""
        return self.texts[file.source]


def resolve_inputs(job: UnitJob, key_ring: str) -> Inputs:
    """Put the variables into every text of a job.

    ``key_ring`` is as `KeyRing.parse` reads it; it may be empty without secrets.

    :raises UnitRefused: names without a value, and values that do not fit.
    :raises CannotOpen: a secret cannot be opened with these keys.
    """
    resolver = _Resolver(job, key_ring)
    texts = {file.source: resolver.resolve(file) for file in job.texts()}
    if resolver.errors:
        raise UnitRefused(*resolver.errors)
    return Inputs(texts, resolver.secrets)


@dataclass
class _Resolver:
    job: UnitJob
    key_ring: str
    errors: list[RenderError] = field(default_factory=list)
    secrets: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.index = VariableIndex(self.job.variables)
        self.sealed = dict(self.job.sealed)
        self.opened: dict[str, str] = {}

    def resolve(self, file: UnitFile) -> str:
        is_values = file in self.job.layers
        check = check_values_text if is_values else check_file
        found = len(self.errors)

        def lookup(asked: Placeholder) -> str:
            rows = self.index.answers(asked.key, self.job.service, asked.scope)
            if not rows:
                self._add_unresolved(file, asked)
                return "unresolved"
            if rows[0].fingerprint is not None:
                return self._opened(rows[0].fingerprint)
            return rows[0].value or ""

        try:
            check(file.text, path=file.source)
            return substitute(file.text, lookup, path=file.source)
        except TextRefused as refusal:
            self._add(file, refusal.reason, refusal.line, "bad_text")
        except PlaceholderRefused as refusal:
            # A stand-in for a missing value may not fit: that is no second error.
            if len(self.errors) == found:
                message = f"{refusal.variable}: {refusal.reason}"
                self._add(
                    file,
                    message,
                    refusal.line,
                    "value_does_not_fit",
                    variable=refusal.variable,
                )
        return ""

    def _opened(self, fingerprint: str) -> str:
        if fingerprint not in self.opened:
            if fingerprint not in self.sealed:
                raise CannotOpen(f"no sealed text came for {fingerprint[:8]}")
            plaintext = open_sealed(
                self.sealed[fingerprint],
                key_ring=KeyRing.parse(self.key_ring),
                purpose=SEALED_AS,
                bound_to=fingerprint,
            )
            self.opened[fingerprint] = plaintext
            self.secrets[plaintext] = fingerprint
        return self.opened[fingerprint]

    def _add_unresolved(self, file: UnitFile, asked: Placeholder) -> None:
        looked = ", ".join(scopes_looked_at(self.job.service, asked.scope)) or "none"
        self.errors.append(
            RenderError(
                "variable_unresolved",
                self.job.unit,
                f"{{{{hq.var.{asked.name}}}}} has no value (looked at: {looked})",
                file.source,
                asked.line,
                "unresolved",
                asked.name,
            )
        )

    def _add(
        self,
        file: UnitFile,
        message: str,
        line: int | None,
        reason: str,
        *,
        variable: str = "",
    ) -> None:
        self.errors.append(
            RenderError(
                "template_error",
                self.job.unit,
                message,
                file.source,
                line,
                reason,
                variable,
            )
        )
