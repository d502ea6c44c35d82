"""Recorded answers and frames of the venue, where this machine has them."""

import gzip
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from exchange_host import ANY
from plain_client import Reply

PUBLIC = (
    Path(
        os.environ.get("KALSHIFLOW_TEST_DATA")
        or Path(__file__).resolve().parents[3] / "shared" / "data" / "kalshi"
    )
    / "public"
)
DEMO = "rest-demo-2026-06"
GOLDEN = "rest-golden"
PREFIX = "/trade-api/v2"
WS_PATH = "/trade-api/ws/v2"


class Recorded(NamedTuple):
    """One recorded answer of June 2026 and the request."""

    name: str
    path: str
    auth: str
    reply: Reply


def body_of(folder: str, name: str) -> Any:  # noqa: ANN401  (JSON)
    return json.loads((PUBLIC / folder / f"{name}.json").read_bytes())


def recorded() -> Iterator[Recorded]:
    for meta_file in sorted((PUBLIC / DEMO).glob("*.meta.json")):
        meta = json.loads(meta_file.read_bytes())
        name = meta_file.name.removesuffix(".meta.json")
        body = body_of(DEMO, name)
        path = re.sub(r"KX[\w.-]+", ANY.ticker, meta["path"].removeprefix(PREFIX))
        yield Recorded(name, path, meta["auth"], Reply(meta["status"], body))


RECORDED = list(recorded())


def raw_frames() -> list[str]:
    """Frames byte for byte, and samples of two more kinds."""
    with gzip.open(PUBLIC / "ws-demo-2026-07-01" / "session.jsonl.gz", "rt") as file:
        texts = file.read().splitlines()
    for name in ("ticker", "trade"):
        texts += (PUBLIC / "ws-samples" / f"kalshi_{name}.jsonl").read_text().splitlines()
    return [text for text in texts if text]
