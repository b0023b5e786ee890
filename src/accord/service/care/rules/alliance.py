"""Who sees what a patient said of the working alliance (C8): the protocol's clause, her consent, and time."""

from __future__ import annotations

from accord.science.protocols.model import Protocol

SCOPE = "share-alliance"  # of a consent: her ratings may be shown to her therapist


def therapist_sees_alliance(protocol: Protocol, *, asked: bool, shared: bool, ended: bool) -> bool:
    """Whether a therapist may see ratings of the alliance. Without a clause, and where none is asked, never.

    `asked`: the protocol asks the patient for them; `shared`: she agreed that her therapist sees them.
    """
    clause = protocol.visibility.alliance
    if clause is None or not asked or clause.therapist_sees == "never":
        return False
    return ended if clause.therapist_sees == "after-episode" else shared
