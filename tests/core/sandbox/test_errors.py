from core.sandbox.errors import invalid_query, not_found, refusal, too_many_requests, undecodable


def test_the_four_shapes() -> None:
    assert refusal(400, "invalid_price").body == {
        "error": {"code": "invalid_price", "message": "invalid price"}
    }
    assert refusal(400, "invalid_order", "post only cross").body == {
        "error": {"code": "invalid_order", "message": "invalid order", "details": "post only cross"}
    }
    assert undecodable("bad_request", "bad request", "json: no").body == {
        "code": "bad_request",
        "message": "bad request",
        "details": "json: no",
    }
    assert invalid_query("GetMarkets", "Limit", "lte").body == {
        "msg": "Parameter validation failed for GetMarkets: Key: 'GetMarketsParams.Limit' "
        "Error:Field validation for 'Limit' failed on the 'lte' tag"
    }
    assert too_many_requests().body == {"error": "too many requests"}
    assert (too_many_requests().status, not_found().status) == (429, 404)
