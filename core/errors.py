"""The one exception tree. Each message says what happened and what to do about it.

ConsoleError
|- ConfigError             settings, arguments, credentials
|  `- RefusedError         asked for what this program never does (exit code 3)
|- ProtocolError           what came over the wire breaks the protocol
|  |- DecodeError          a message cannot be read
|  `- SequenceGapError     messages were lost
|- VenueError              the exchange said no, or nothing
|  |- RejectedError        it answered with an error; the request had no effect
|  |- RateLimitedError     429; the request had no effect
|  `- UnreachableError     no answer, or 5xx: the outcome is unknown
|- RiskError               our own limits forbid it
|- StorageError            database, spool or session file
|- JobError                a child process failed
`- ArtifactMismatchError   a model does not fit this program
"""


class ConsoleError(Exception):
    """Root of everything this program raises on purpose."""


class ConfigError(ConsoleError):
    """Settings, arguments or credentials are wrong."""


class RefusedError(ConfigError):
    """Asked for something this program never does, such as trading real money."""


class ProtocolError(ConsoleError):
    """What arrived breaks the exchange's protocol."""


class DecodeError(ProtocolError):
    """A message or a number in it cannot be read."""


class SequenceGapError(ProtocolError):
    """Messages of a subscription were lost."""


class VenueError(ConsoleError):
    """The exchange refused, or did not answer."""


class RejectedError(VenueError):
    """The exchange answered with an error; nothing was done.

    Attributes:
        status: HTTP status.
        code: the venue's error code, "" if it gave none.
    """

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{message} ({code or 'no code'}, HTTP {status})")
        self.status = status
        self.code = code
        self.message = message


class RateLimitedError(VenueError):
    """HTTP 429: too many requests; nothing was done."""


class UnreachableError(VenueError):
    """No answer or a server error: whether the request took effect is unknown."""


class RiskError(ConsoleError):
    """Our own limits forbid the action."""


class StorageError(ConsoleError):
    """Database, spool or session file cannot be used."""


class JobError(ConsoleError):
    """A child process failed."""


class ArtifactMismatchError(ConsoleError):
    """A stored model does not fit this program."""
