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
    SEE_ORIGIN = "see_origin"  # authors, addresses, captures, masked contacts: what tells who and where
    REVEAL = "reveal"
    DECIDE = "decide"
    LABEL = "label"  # drawn documents of the audit slice, blind
    SETTLE = "settle"  # end a disagreement between two others
    SEE_CASES = "see_cases"
    WORK_CASES = "work_cases"  # open, collect, submit
    APPROVE = "approve"
    EXPORT = "export"  # what somebody else has approved
    SEE_SCAN = "see_scan"
    SEE_LEDGER = "see_ledger"


_VIEWER = frozenset({May.SEE_LEADS, May.SEE_ORIGIN, May.SEE_SCAN, May.SEE_CASES})
_ANALYST = _VIEWER | {May.REVEAL, May.DECIDE, May.LABEL, May.WORK_CASES, May.EXPORT}
GRANTS: dict[Role, frozenset[May]] = {
    Role.VIEWER: _VIEWER,
    Role.ANALYST: _ANALYST,
    Role.LEAD_REVIEWER: _ANALYST | {May.SETTLE, May.APPROVE, May.SEE_LEDGER},
    Role.RESEARCHER: frozenset({May.SEE_LEADS, May.LABEL}),
    Role.OPERATOR: frozenset({May.SEE_SCAN}),
    Role.AUDITOR: frozenset({May.SEE_LEDGER}),
}
