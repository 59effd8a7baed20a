"""Whether the contacts of a lead are open to a session: what shows them waits for that, the page of a lead and its pictures alike."""

from __future__ import annotations

from review.door import Cover, Visit
from review.roles import May


def cover_of(visit: Visit, lead: str) -> Cover | None:
    """How contacts of a lead are shown: openly (None) once this session has revealed them."""
    revealed = visit.may(May.REVEAL) and visit.store.accounts.revealed(visit.session_id, lead)
    return None if revealed else visit.cover
