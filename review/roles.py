"""Roles and what each may do: the one place that says so. A route names what it needs; the door asks here."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What an account is for."""

    VIEWER = "viewer"
    ANALYST = "analyst"
    LEAD_REVIEWER = "lead_reviewer"
    RESEARCHER = "researcher"
    OPERATOR = "operator"
    AUDITOR = "auditor"


class May(StrEnum):
    """What a page or an act needs."""

    SEE_LEADS = "see_leads"
    SEE_ORIGIN = "see_origin"  # authors, addresses, captures: what tells who and where
    REVEAL = "reveal"
    DECIDE = "decide"
    SEE_SCAN = "see_scan"
    SEE_LEDGER = "see_ledger"


_ANALYST = frozenset({May.SEE_LEADS, May.SEE_ORIGIN, May.REVEAL, May.DECIDE, May.SEE_SCAN})
GRANTS: dict[Role, frozenset[May]] = {
    Role.VIEWER: frozenset({May.SEE_LEADS, May.SEE_ORIGIN, May.SEE_SCAN}),
    Role.ANALYST: _ANALYST,
    Role.LEAD_REVIEWER: _ANALYST | {May.SEE_LEDGER},
    Role.RESEARCHER: frozenset({May.SEE_LEADS}),
    Role.OPERATOR: frozenset({May.SEE_SCAN}),
    Role.AUDITOR: frozenset({May.SEE_LEDGER}),
}
