# make bench: every benchmark that has a figure in docs/performance.md, in full, and the page written from what they print (about an hour).
PYTHON ?= python

.PHONY: bench bench-quick test docs
bench:
	$(PYTHON) docs/write_performance.py
bench-quick:
	$(PYTHON) docs/write_performance.py --quick
test:
	$(PYTHON) -m pytest
docs:
	$(PYTHON) docs/write.py
