"""`kalshiflow-rl`: one sub-command per file of this package.

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 refused on principle.
"""

import argparse
import logging
import sys
from collections.abc import Sequence

from core.cli import bench, sandbox
from core.errors import ConsoleError, RefusedError

_COMMANDS = (sandbox, bench)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; errors become one sentence on stderr."""
    parser = argparse.ArgumentParser(
        prog="kalshiflow-rl", description="Kalshi Flow without its window."
    )
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in _COMMANDS:
        command.add_parser(subparsers)
    args = parser.parse_args(argv)
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(message)s")
    try:
        return int(args.run(args))
    except RefusedError as error:
        print(f"kalshiflow-rl: {error}", file=sys.stderr)
        return 3
    except ConsoleError as error:
        print(f"kalshiflow-rl: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
