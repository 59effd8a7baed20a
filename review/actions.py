"""The acts that have a key, and the rule that no two share one."""

from __future__ import annotations

from collections.abc import Mapping

# action: its default key. The order is that of the table of keys.
ACTIONS = {
    "label_1": "1", "label_2": "2", "label_3": "3", "label_4": "4", "label_5": "5", "label_6": "6", "label_7": "7",
    "label_8": "8", "label_9": "9", "label_10": "y", "reject": "0", "unsure": "u", "skip": "s", "undo": "z",
    "note": "n", "tick": "x", "split": "d", "merge": "m", "assign": "a", "watch": "f", "case": "e", "reveal": "r", "view": "v",
    "down": "j", "up": "k", "next": "w", "search": "/", "today": "t", "queue": "g", "cases": "c", "help": "?",
}  # fmt: skip


def clashes(keys: Mapping[str, str]) -> list[str]:
    """The actions whose key is no single visible sign, or is that of another action."""
    used: dict[str, list[str]] = {}
    for action, key in keys.items():
        used.setdefault(key, []).append(action)
    return [
        action
        for key, actions in used.items()
        for action in actions
        if len(actions) > 1 or len(key) != 1 or not key.isprintable() or key.isspace()
    ]
