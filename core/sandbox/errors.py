"""The four error shapes of the exchange (protocol 4.10), as one exception that carries its body."""

from core.errors import ConsoleError


class ApiError(ConsoleError):
    """An HTTP refusal: status and JSON body, ready to send."""

    def __init__(self, status: int, body: dict[str, object]) -> None:
        super().__init__(f"HTTP {status}: {body}")
        self.status = status
        self.body = body


def refusal(status: int, code: str, details: str = "", message: str = "") -> ApiError:
    """The usual nested shape. The message is the code in words unless given."""
    error = {"code": code, "message": message or code.replace("_", " ")}
    if details:
        error["details"] = details
    return ApiError(status, {"error": error})


def undecodable(code: str, message: str, details: str = "") -> ApiError:
    """Flat shape: a body that cannot be decoded, or of the wrong content type."""
    body: dict[str, object] = {"code": code, "message": message}
    if details:
        body["details"] = details
    return ApiError(400, body)


def invalid_query(operation: str, field: str, rule: str) -> ApiError:
    """Query validation shape."""
    text = (
        f"Parameter validation failed for {operation}: Key: '{operation}Params.{field}' "
        f"Error:Field validation for '{field}' failed on the '{rule}' tag"
    )
    return ApiError(400, {"msg": text})


def too_many_requests() -> ApiError:
    """429; `error` is a plain string here."""
    return ApiError(429, {"error": "too many requests"})


def not_found() -> ApiError:
    """404 for whatever is unknown or no longer open."""
    return refusal(404, "not_found")


def market_inactive() -> ApiError:
    """409 for orders in a market that does not trade."""
    return refusal(409, "market_closed", "MARKET_INACTIVE")
