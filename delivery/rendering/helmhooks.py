"""The hooks among what templates gave, as ``helm template`` prints them at its end.

Helm's library gives the manifest without them, so they are what the templates gave and
the manifest lacks. Cutting and ordering follow Helm 4.2.3 to the letter.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

SPACE: Final = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008"
    "\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
"""What Go takes for white space when it trims."""

_BLANK: Final = "\t\n\f\r "
_MARKER: Final = re.compile(rf"(?:\A|\n)---[{_BLANK}]*")
_SOURCE: Final = "---\n# Source: "
_EVENTS: Final = frozenset(
    f"{when}-{what}"
    for when in ("pre", "post")
    for what in ("install", "delete", "upgrade", "rollback")
)
_HOOK: Final = "helm.sh/hook"
_ORDER: Final = {
    kind: place
    for place, kind in enumerate(
        (
            *("PriorityClass", "Namespace", "NetworkPolicy", "ResourceQuota"),
            *("LimitRange", "PodSecurityPolicy", "PodDisruptionBudget"),
            *("ServiceAccount", "Secret", "SecretList", "ConfigMap", "StorageClass"),
            *("PersistentVolume", "PersistentVolumeClaim"),
            *("CustomResourceDefinition", "ClusterRole", "ClusterRoleList"),
            *("ClusterRoleBinding", "ClusterRoleBindingList", "Role", "RoleList"),
            *("RoleBinding", "RoleBindingList", "Service", "DaemonSet", "Pod"),
            *("ReplicationController", "ReplicaSet", "Deployment"),
            *("HorizontalPodAutoscaler", "StatefulSet", "Job", "CronJob"),
            *("IngressClass", "Ingress", "APIService"),
            *("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"),
        )
    )
}


class Unclear(Exception):
    """What Helm makes of a chart cannot be told with certainty from here."""


def source(path: str, text: str) -> str:
    """Give a document as Helm prints it."""
    return f"{_SOURCE}{path}\n{text}\n"


def printed_hooks(
    rendered: Mapping[str, str], manifest: str, read: Callable[[str], Any]
) -> str:
    """Give the text of all hooks but tests, in Helm's order.

    ``rendered`` is what each template gave, ``manifest`` what Helm kept of it, and
    ``read`` reads YAML as Helm does.

    :raises Unclear: the two do not fit together, or a hook cannot be read.
    """
    kept = Counter(manifest.split(_SOURCE)[1:])
    hooks: list[tuple[tuple[int, str], str]] = []
    for path, text in _documents(rendered):
        piece = f"{path}\n{text}\n"
        if kept[piece]:
            kept[piece] -= 1
            continue
        kind, events = _hook(read(text))
        if events <= _EVENTS:  # others are tests, or Helm leaves them out
            place = _ORDER.get(kind)
            key = (len(_ORDER), kind) if place is None else (place, "")
            hooks.append((key, source(path, text)))
    if any(kept.values()):
        raise Unclear("the manifest holds what no template gave")
    return "".join(text for _, text in sorted(hooks, key=lambda hook: hook[0]))


def _documents(rendered: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for path, text in sorted(rendered.items()):
        if not path.endswith("NOTES.txt"):
            for document in _cut(text):
                yield path, document


def _cut(text: str) -> Iterator[str]:
    text = text.lstrip(SPACE)
    start = 0
    for marker in [*_MARKER.finditer(text), None]:
        part = text[start : marker.start()].rstrip(_BLANK) if marker else text[start:]
        if part := part.lstrip(SPACE):
            yield part
        start = marker.end() if marker else 0


def _hook(tree: Any) -> tuple[str, frozenset[str]]:
    """Give the kind of a hook and its events."""
    about = _part(tree, "metadata", {})
    annotations = _part(about, "annotations", {})
    kind, events = _part(tree, "kind", ""), _part(annotations, _HOOK, None)
    if not isinstance(kind, str) or not isinstance(events, str):
        raise Unclear("a hook that cannot be read")
    return kind, frozenset(each.strip(SPACE).lower() for each in events.split(","))


def _part(tree: Any, name: str, missing: Any) -> Any:
    """Give what a map holds; Helm would take the name in capitals, too."""
    if not isinstance(tree, dict):
        raise Unclear("a hook that is no map")
    if any(key != name and key.casefold() == name for key in tree):
        raise Unclear("a hook with a name in capitals")
    return tree.get(name, missing)
