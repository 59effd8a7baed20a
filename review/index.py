"""The search index is kept up to date in a thread of its own, for as long as the application runs."""

from __future__ import annotations

import logging
import threading

from core.store import Store, StoreHeld
from review import search
from review.door import Stores

_log = logging.getLogger(__name__)
REFRESH_SECONDS = 20.0


class Index:
    """Brings the index up to date whenever a night or a person has changed what is in leads."""

    def __init__(self, stores: Stores) -> None:
        self.stores = stores
        self._seen: tuple[int, int] | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="search index", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, after the batch in hand."""
        self._stop.set()
        self._thread.join()

    def behind(self, store: Store) -> bool:
        """Whether documents may be missing from the index: something has changed since it was last found to be whole."""
        return store.index.mark() != self._seen

    def work(self, store: Store) -> bool:
        """Index a batch; whether there may be more to do. To find that nothing is missing takes a walk over all leads."""
        mark = store.index.mark()
        if mark == self._seen:
            return False
        if search.refresh(store, search.BATCH):
            return True
        self._seen = mark
        return False

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                with self.stores.lend() as store:
                    more = self.work(store)
            except StoreHeld as error:  # the nightly run holds the store for long: later, then
                _log.warning("search index: %s; trying again in %.0f s", error, REFRESH_SECONDS)
                more = False
            if not more:
                self._stop.wait(REFRESH_SECONDS)
