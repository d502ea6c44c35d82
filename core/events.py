"""Event base and bus. Rooms define their own events; this module holds no business word.

Events are facts for observers (recorder, metrics, console). No event handler issues a command.
"""

import logging
from collections.abc import Callable

import msgspec

_log = logging.getLogger(__name__)


class Event(msgspec.Struct, frozen=True, gc=False):
    """Base of all events: frozen, serialisable, tagged by class name when encoded as a union."""


Observer = Callable[[Event], None]


class Bus:
    """Hands each event to every observer, in order of subscription.

    A failing observer must never stop trading or another observer, so its error is logged with
    a traceback and dispatch goes on.
    """

    def __init__(self) -> None:
        self._observers: list[Observer] = []

    def subscribe(self, observer: Observer) -> Callable[[], None]:
        """Add an observer; the returned call removes it again."""
        self._observers.append(observer)
        return lambda: self._observers.remove(observer)

    def publish(self, event: Event) -> None:
        """Give the event to all observers."""
        for observer in self._observers:
            try:
                observer(event)
            # Broad on purpose. Events are published from the feed's and the orders' own path, and
            # what breaks inside a recorder, a panel or a counter, of whatever type, must neither
            # end that path nor keep the event from the observers after it. Nothing is hidden: it
            # is logged with its traceback. Cancellation and exits pass.
            except Exception:
                _log.exception("observer failed on %s", type(event).__name__)
