"""Importing the room costs next to nothing: tables and dictionaries are built on first use."""

import subprocess
import sys


def test_importing_the_room_loads_no_dictionary() -> None:
    heavy = ("jieba", "rjieba", "opencc", "pypinyin", "phonenumbers", "rensa", "ahocorasick_rs")
    code = (
        "import sys, text.normalise, text.contacts, text.places, text.offers, text.shingles, text.segment;"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
