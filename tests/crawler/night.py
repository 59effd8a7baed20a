"""One night of a workspace, in a process of its own (Scrapy's reactor runs once in a process): ``night.py WORKSPACE``.

Crawls the sources declared in the workspace and prints the run as one JSON line.
"""

import json
import sys
from pathlib import Path

from core import settings
from core.store import Store
from crawler.run import crawl
from crawler.sources import SHIPPED, discover


def main(workspace: Path) -> None:
    chosen = settings.load(workspace)
    own = {
        name: source
        for name, source in discover(chosen.path("sources")).items()
        if SHIPPED not in source.folder.parents
    }
    with Store.open(chosen.path("database")) as store:
        run = crawl(store, chosen, own, "0.1")
    print(json.dumps({"id": run.id, "state": run.state, "counts": dict(run.counts), "issues": list(run.issues)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
