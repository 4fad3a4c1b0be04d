"""Who is told when a rendering has ended: apps above register themselves here."""

from collections.abc import Callable

from delivery.models import Rendering

Listener = Callable[[Rendering], None]

_listeners: list[Listener] = []


def on_rendered(listener: Listener) -> None:
    """Have *listener* called in the transaction that ends a rendering.

    That one holds the project lock.
    """
    if listener not in _listeners:
        _listeners.append(listener)


def tell(rendering: Rendering) -> None:
    """Call every listener; a refusal of one ends the transaction of all."""
    for listener in _listeners:
        listener(rendering)
