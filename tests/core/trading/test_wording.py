from core.trading.wording import cents, contracts, counted, order_text


def test_contracts_are_whole_where_whole() -> None:
    assert contracts(1_000) == "10"
    assert contracts(225) == "2.25"
    assert contracts(620) == "6.2"
    assert contracts(-300) == "−3"


def test_cents_show_every_pip_a_price_has() -> None:
    assert cents(3_100) == "31.0¢"
    assert cents(460) == "4.6¢"
    assert cents(4_255) == "42.55¢"
    assert cents(4_205) == "42.05¢"


def test_an_order_reads_side_size_price() -> None:
    assert order_text(1, 3_100, 1_000) == "ask 10 @ 31.0¢"


def test_one_of_a_thing_is_singular() -> None:
    assert [counted(count, "book") for count in (0, 1, 1_200)] == [
        "0 books",
        "1 book",
        "1,200 books",
    ]
