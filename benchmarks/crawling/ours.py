"""Our crawl over the sites on standard input: `python -m benchmarks.crawling.ours FOLDER`.

It is the crawl of `gongkai crawl`, its pauses between requests and its pace set to none.
"""

import asyncio
import json
import sys
from pathlib import Path

from crawlers.crawl import crawl
from crawlers.limits import Limits
from crawlers.sites import Site, Sites

LIMITS = Limits(requests_per_second=1e9)


def main() -> None:
    """Crawl and print a line of JSON."""
    named = json.load(sys.stdin)
    sites = Sites(tuple(Site(name, url, delay=0.0, internal=True) for name, url in named))
    summary = asyncio.run(crawl(sites, Path(sys.argv[1]), limits=LIMITS))
    print(json.dumps({"seconds": summary.seconds, "failures": summary.failures.total()}))


if __name__ == "__main__":
    main()
