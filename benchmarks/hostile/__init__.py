"""The hostile servers of ``benchmarks/hostile_servers.py``: ``server`` is what they are made of, ``traps`` what each does."""
