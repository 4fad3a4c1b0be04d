"""Bumping an image: one tag, digest or repository of a values layer."""

import re
from dataclasses import dataclass
from typing import Final

from django.db import transaction

from environments.actions._begin import begin
from environments.actions.values import set_values
from environments.desired.values import (
    CannotSet,
    Image,
    Path,
    image_paths,
    parse_pointer,
    set_scalar,
)
from environments.models import Environment, Tenant, ValuesLayer, Workload
from gitopshq.core.errors import ValidationError
from gitopshq.core.models import User

DEFAULT_PATH: Final = "/image"
_TAG: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")
_REPOSITORY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,254}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageReference:
    """What to run from now on; what is None stays."""

    tag: str | None = None
    digest: str | None = None
    repository: str | None = None


@dataclass(frozen=True, slots=True)
class ImageBump:
    """The layer that was written, and the image there before and after.

    ``path`` is the JSON Pointer of the image.
    """

    layer: ValuesLayer
    path: str
    before: str
    after: str


@transaction.atomic
def bump_image(
    workload: Workload,
    *,
    image: ImageReference,
    path: str = DEFAULT_PATH,
    tenant: Tenant | None = None,
    environment: Environment | None = None,
    actor: User | None,
    message: str = "",
) -> ImageBump:
    """Write *image* at *path* of the layer that *tenant* and *environment* choose.

    A digest that stands in the layer goes when only a tag is given: it would go on
    deciding what runs.

    :param path: JSON Pointer of the image map, or of a scalar ``repository:tag``
    :raises NotPermitted: without ``workloads.manage`` where the layer reaches
    :raises ValidationError: for a reference that is none, or a path that leads nowhere
    """
    begin(workload.project)
    _check(image)
    where = _parsed(path)
    rows = ValuesLayer.objects.filter(
        workload=workload, tenant=tenant, environment=environment
    )
    text = rows.values_list("text__body", flat=True).first() or ""
    old = image_paths(text).get(where)
    try:
        new_text = _written(text, where, image, old)
    except CannotSet as refused:
        raise ValidationError.of("/path", str(refused)) from refused
    layer = set_values(
        workload,
        text=new_text,
        tenant=tenant,
        environment=environment,
        actor=actor,
        message=message or f"Bump {workload.name} to {_short(image)}",
    )
    new = image_paths(new_text).get(where)
    return ImageBump(
        layer,
        path=path,
        before=old.reference if old else "",
        after=new.reference if new else "",
    )


def _written(text: str, where: Path, image: ImageReference, old: Image | None) -> str:
    if old is not None and not old.is_map:
        return set_scalar(text, where, _reference(image, old))
    if image.repository is not None:
        text = set_scalar(text, (*where, "repository"), image.repository)
    if image.tag is not None:
        text = set_scalar(text, (*where, "tag"), image.tag)
    if image.digest is not None:
        text = set_scalar(text, (*where, "digest"), image.digest)
    elif old is not None and old.parts.get("digest"):
        text = set_scalar(text, (*where, "digest"), "")
    return text


def _reference(image: ImageReference, old: Image) -> str:
    name = image.repository or old.parts.get("repository", "")
    tag = image.tag or (old.parts.get("tag") if image.digest else None)
    return (
        name + (f":{tag}" if tag else "") + (f"@{image.digest}" if image.digest else "")
    )


def _parsed(path: str) -> Path:
    try:
        where = parse_pointer(path)
    except ValueError as error:
        raise ValidationError.of("/path", str(error)) from error
    if not where:
        raise ValidationError.of("/path", "the root is no image")
    return where


def _check(image: ImageReference) -> None:
    if image.tag is None and image.digest is None:
        detail = "a tag or a digest is needed"
        raise ValidationError.of("/tag", detail, code="required")
    for name, value, pattern in (
        ("tag", image.tag, _TAG),
        ("digest", image.digest, _DIGEST),
        ("repository", image.repository, _REPOSITORY),
    ):
        if value is not None and not pattern.fullmatch(value):
            raise ValidationError.of(f"/{name}", f"is no {name} of an image")


def _short(image: ImageReference) -> str:
    return image.tag or (image.digest or "")[:19]
