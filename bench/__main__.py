"""`python -m bench [mail|pages|start]`: measures speed; short unless told otherwise."""

import argparse
import os

from bench import mails, pages, starting
from bench.desks import engines
from bench.measuring import Table, machine


def main() -> None:
    """Measure what was asked for, then show one table."""
    say = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    say.add_argument("what", nargs="*", choices=["mail", "pages", "start", []], help="default: everything")
    say.add_argument(
        "--size", type=int, default=10_000, help="open tickets of the large desk (the small has 1,000)"
    )
    say.add_argument("--batch", type=int, default=150, help="mails handed over at once")
    say.add_argument("--engine", choices=["sqlite", "postgresql", "both"], default="sqlite")
    say.add_argument("--postgres", default="", help="address of an empty PostgreSQL database; it is wiped")
    say.add_argument("--seconds", type=float, default=4, help="length of each load")
    args = say.parse_args()
    what = args.what or ["mail", "pages", "start"]
    for name in [n for n in os.environ if n.startswith("HELPDESK_")]:
        del os.environ[name]
    print(machine())
    table = Table()
    sizes = sorted({1000, args.size})
    if "mail" in what:
        mails.reading(table)
    with engines("both" if args.postgres else args.engine, args.postgres) as found:
        for name, url in found:
            if "mail" in what:
                mails.run(table, name, url, single=40, batch=args.batch)
            if "pages" in what:
                pages.run(table, name, url, sizes, args.seconds)
    if "start" in what:
        starting.run(table, idle_s=3)
    table.show()


if __name__ == "__main__":
    main()
