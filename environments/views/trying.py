"""What an edit would render, and the lines that are wrong, as pages show them."""

from typing import Any, Final

from environments.trials import Tried
from environments.views.comparing import compared
from gitopshq.core.forms import RefusableForm

AROUND: Final = 2
"""Lines shown above and below a wrong one."""
_LETTERS: Final = {(False, True): "A", (True, False): "D"}


def shown_trial(tried: Tried) -> dict[str, Any]:
    """Return what a page shows of an edit that was tried."""
    trial = tried.trial
    if trial is None:
        return {"target": tried.target, "state": "failed", "problems": tried.unresolved}
    return {
        "target": tried.target,
        "state": trial.state,
        "problems": trial.errors,
        "left_out": trial.left_out,
        "files": [
            {
                "path": file.path,
                "letter": _letter(file.before, file.after),
                "diff": compared(
                    file.before or "", file.after or "", caption=file.path
                ),
            }
            for file in trial.files
        ],
    }


def marked_lines(form: RefusableForm) -> list[dict[str, Any]]:
    """Return the lines of a typed text around each place that a refusal names."""
    if form.refusal is None:
        return []
    lines = str(form.data.get("text", "")).replace("\r\n", "\n").split("\n")
    found = []
    for error in form.refusal.errors:
        if not error.line or error.line > len(lines):
            continue
        low = max(0, error.line - 1 - AROUND)
        found.append(
            {
                "line": error.line,
                "file": error.file,
                "detail": error.detail,
                "rows": [
                    {"number": at, "text": text, "is_wrong": at == error.line}
                    for at, text in enumerate(
                        lines[low : error.line + AROUND], start=low + 1
                    )
                ],
            }
        )
    return found


def _letter(before: str | None, after: str | None) -> str:
    return _LETTERS.get((before is not None, after is not None), "M")
