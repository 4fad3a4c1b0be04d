"""What an address of a viewer of diffs asks for instead of the page around it."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from delivery.diffs import unified
from gitopshq.core.web import PageRequest
from releases.views._diffs import one_file
from releases.views._looking import Look
from releases.views._sheet import Source, level_of


def part_of(
    request: PageRequest,
    source: Source,
    look: Look,
    *,
    name: str,
    crumbs: list[dict[str, Any]],
) -> HttpResponse | None:
    """Return one file, rows of it, or the whole diff as text; None asks for the page.

    *name* says what is compared; it heads the page of a file, below *crumbs*, and
    names the download.

    :raises NotFound: when the diff has no such file
    :raises RenderingLost: when the manifests are lost
    """
    if look.is_raw:
        level = level_of(look)
        text = unified(source.files_of(level))
        file = f"{name.replace('/', '-').replace(' ', '-')}-{level}.diff"
        return HttpResponse(
            text,
            content_type="text/x-diff; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{file}"'},
        )
    if look.file is None:
        return None
    template = "more_files"
    if request.htmx:
        template = "_more_rows" if look.is_rows else "_more_files"
    context = {
        **one_file(source, look),
        "viewed_name": name,
        "crumbs": crumbs,
        "back_url": f"{source.url}?diff={level_of(look)}#diff",
    }
    return render(request, f"releases/{template}.html", context)
