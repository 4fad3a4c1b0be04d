"""Hosted repositories, renderings by content, and the cache of rendered units."""

from delivery.models.readers import RepositoryReader
from delivery.models.renderings import RenderedUnit, Rendering, RenderingState
from delivery.models.repositories import HostedRepository, RefMove

__all__ = [
    "HostedRepository",
    "RefMove",
    "RenderedUnit",
    "Rendering",
    "RenderingState",
    "RepositoryReader",
]
