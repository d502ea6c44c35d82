from core.sandbox.candles import DAY_S, HOUR_S, MINUTE_S, Candle, Span, end_s, start_s


def test_a_candle_goes_on_without_trades() -> None:
    quiet = Candle(0, Span(1, 1, 1, 3), Span(2, 2, 2, 4), Span(0, 0, 0, 0), 7, 0, 0, 9)
    assert quiet.continued() == quiet._replace(bid=Span(3, 3, 3, 3), ask=Span(4, 4, 4, 4))
    traded = quiet._replace(price=Span(5, 4, 6, 5), volume_lots=10, traded_micros=50)
    assert (traded.continued().previous_pips, traded.continued().volume_lots) == (5, 0)


def test_days_end_at_eastern_midnight() -> None:
    assert end_s(1_760_500_800 - 1, DAY_S) == 1_760_500_800
    assert end_s(1_760_500_800, DAY_S) == 1_760_500_800 + DAY_S
    autumn = 1_762_056_000  # midnight of the day that has 25 hours
    assert end_s(autumn, DAY_S) == autumn + DAY_S + HOUR_S
    spring = 1_772_946_000  # midnight of the day that has 23
    assert end_s(spring, DAY_S) == spring + DAY_S - HOUR_S
    assert end_s(1_760_500_800, HOUR_S) == 1_760_500_800 + HOUR_S


def test_minutes_and_hours_are_round() -> None:
    assert (start_s(3_725, MINUTE_S), end_s(3_725, MINUTE_S)) == (3_720, 3_780)
    assert (start_s(3_725, HOUR_S), end_s(3_725, HOUR_S)) == (3_600, 7_200)


def test_a_day_may_be_asked_for_beyond_all_calendars() -> None:
    assert start_s(2**53, DAY_S) == start_s(2**60, DAY_S)
