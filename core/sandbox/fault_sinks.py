"""Messages of one subscription lost, doubled or swapped, once, between publisher and connection."""

from typing import assert_never

from core.sandbox.faults import DropMessage, DuplicateMessage, ReorderMessages, Tampering
from core.sandbox.publisher import Sink, Subscription

_PASSED = ('{"id":', '{"type":"error"')


class TamperingSink:
    """Takes a connection's place in one subscription until its fault has happened.

    Answers to commands pass, a repair that is asked for is not harmed again; so do errors.
    """

    def __init__(self, subscription: Subscription, fault: Tampering) -> None:
        self.inner: Sink = subscription.sink
        self._subscription = subscription
        self._fault = fault
        self._kept = ""
        self.is_stamped = self.inner.is_stamped
        self.sent_count = 0
        subscription.sink = self

    def is_full(self) -> bool:
        """True if the peer does not take what is queued."""
        return self.inner.is_full()

    def send(self, text: str) -> None:
        """Pass a message on, or not."""
        if text.startswith(_PASSED):
            self.inner.send(text)
            return
        match self._fault:
            case DropMessage():
                self._end()
            case DuplicateMessage():
                self._end(text, text)
            case ReorderMessages():
                if self._kept:
                    self._end(text, self._kept)
                self._kept = text
            case _:
                assert_never(self._fault)

    def _end(self, *texts: str) -> None:
        self._subscription.sink = self.inner
        for text in texts:
            self.inner.send(text)
