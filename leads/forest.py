"""Disjoint sets, for connected components."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

T = TypeVar("T", bound=Hashable)


class Forest(Generic[T]):
    """Union-find with path halving (Tarjan and van Leeuwen 1984); the smaller root stays, so results do not depend on order."""

    def __init__(self, members: Iterable[T] = ()) -> None:
        self.parent: dict[T, T] = {member: member for member in members}

    def root(self, member: T) -> T:
        """The representative of a member's set; an unseen member is a set of its own."""
        parent = self.parent
        parent.setdefault(member, member)
        while parent[member] != member:
            parent[member] = parent[parent[member]]
            member = parent[member]
        return member

    def join(self, one: T, other: T) -> None:
        """Make two sets one."""
        first, second = sorted((self.root(one), self.root(other)), key=str)
        self.parent[second] = first

    def sets(self) -> list[list[T]]:
        """All sets, members and sets in the order in which they came."""
        found: dict[T, list[T]] = {}
        for member in self.parent:
            found.setdefault(self.root(member), []).append(member)
        return list(found.values())
