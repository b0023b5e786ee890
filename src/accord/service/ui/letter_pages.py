"""What every portal's pages about letters show: the list, the desk on which one is written, one letter, its PDF."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accord.science.errors import NotFound
from accord.service.access.table import Action
from accord.service.episodes import actions, queries
from accord.service.episodes.rules import ADMINISTRATIVE
from accord.service.errors import NotAllowed, NotNow, Refusal
from accord.service.fields.keys import new_id
from accord.service.ui.letter import Paper, letter_pdf, parts_of
from accord.service.ui.letter_facts import Draft, draft
from accord.service.ui.pathway import named

if TYPE_CHECKING:
    from accord.service.access.guard import Asked
    from accord.service.episodes.models import Episode, Letter
    from accord.service.episodes.queries import LetterRow
    from accord.service.people.models import Person

KINDS = {
    "referral_received": gettext_lazy("Receipt of a referral"),
    "start": gettext_lazy("Taking part has begun"),
    "end": gettext_lazy("Taking part has ended"),
    "assessment_summary": gettext_lazy("Summary of the first assessment"),
    "discharge_summary": gettext_lazy("Summary at the end"),
    "risk": gettext_lazy("About safety"),
}
HOW = {
    "post": gettext_lazy("by post"), "hand": gettext_lazy("by hand"), "secure-mail": gettext_lazy("by secure mail"),
}  # fmt: skip
MARK = gettext_lazy("Demonstration: about an invented person")


def kind_named(kind: str) -> str:
    """A letter's kind as a page says it; one that only a protocol names keeps its own words."""
    return str(KINDS.get(kind, kind.replace("_", " ").capitalize()))


def what_became(row: LetterRow) -> str:
    """Sent (and how), withdrawn, or still here."""
    if row.step is None:
        return _("signed, not yet sent")
    if row.sent:
        return _("sent %(how)s") % {"how": HOW.get(row.step.how, row.step.how)}
    return _("withdrawn")


def names(portal: str) -> dict[str, str]:
    """The url names of a portal's letter pages, and the frame that they stand in."""
    pages = ("letters", "letter_desk", "letter", "letter_pdf", "letter_step")
    return {page: f"{portal}:{page}" for page in pages} | {"frame": f"{portal}/_frame.html"}


def listed(request: Asked, person: Person) -> dict[str, Any]:
    """The letters about a person, and the kinds that can be written now."""
    way = queries.current_episode(request.asker, person.pk)
    kinds = queries.may_write(request.asker, way) if way else []
    rows = queries.letters_of(request.asker, person.pk)
    return {
        "rows": [(row, kind_named(row.letter.kind), what_became(row)) for row in rows],
        "kinds": [(kind, kind_named(kind)) for kind in kinds],
    }  # fmt: skip


def desk(request: Asked, person: Person, kind: str, refusal: Refusal | None = None) -> dict[str, Any]:
    """A letter to be written: as the record fills it, or as it was typed when it was refused."""
    way = _way(request, person, kind)
    found = _draft(request, way, kind)
    given = request.POST if refusal else {}
    onward = [] if kind in ADMINISTRATIVE else queries.onward_of(request.asker, person.pk, request.now)
    return {
        "kind": kind, "called": kind_named(kind), "head": found.head.splitlines(), "key": given.get("key") or new_id(),
        "addressee": given.get("addressee", found.addressee), "subject": given.get("subject", found.subject),
        "body": given.get("body", found.body), "refusal": refusal, "given": given,
        "onward": [(row.onward.pk, named(row.onward.to)) for row in onward],
    }  # fmt: skip


def sign(request: Asked, person: Person, kind: str) -> Letter:
    """Keep a letter as it was posted. Raises what `write_letter` raises."""
    way = _way(request, person, kind)
    found, given = _draft(request, way, kind), request.POST
    return actions.write_letter(
        episode=way, kind=kind, addressee=given.get("addressee", ""), subject=given.get("subject", ""),
        body=given.get("body", ""), head=found.head, snapshot_id=found.snapshot_id, key=_id(given.get("key", "")),
        onward_id=_id(given["onward"]) if given.get("onward") else None, by=request.asker, now=request.now,
    )  # fmt: skip


def _way(request: Asked, person: Person, kind: str) -> Episode:
    way = queries.current_episode(request.asker, person.pk)
    if way is None or kind not in queries.may_write(request.asker, way):
        raise NotAllowed(_("There is nothing here that you may write."))
    return way


def _draft(request: Asked, way: Episode, kind: str) -> Draft:
    try:
        return draft(request.asker, way, kind, request.now)
    except NotFound:
        name = f"letter-{kind.replace('_', '-')}"
        cure = _("Ask whoever keeps the content to publish the text %(name)s.") % {"name": name}
        raise NotNow(_("There is no text for a letter of this kind."), cure=cure) from None


def _id(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise Refusal(_("This page is too old to be sent."), cure=_("Open it again; your words stand below.")) from None


# ---------------------------------------------------------------------------------------------------- one letter


def shown(row: LetterRow) -> dict[str, Any]:
    """One letter as its page shows it."""
    words = row.words
    return {
        "row": row, "letter": row.letter, "called": kind_named(row.letter.kind), "became": what_became(row),
        "head": words.head.splitlines(), "to": row.letter.addressee.splitlines(), "subject": words.subject,
        "parts": parts_of(words.body), "mark": str(MARK) if _invented() else "", "hows": HOW.items(),
    }  # fmt: skip


def step(request: Asked, letter_id: uuid.UUID, what: str) -> None:
    """A letter was sent, or is withdrawn. Raises NotAllowed for anything else."""
    if what == "sent":
        how = request.POST.get("how", "")
        actions.send_letter(letter_id=letter_id, how=how, by=request.asker, now=request.now)
    elif what == "withdrawn":
        actions.withdraw_letter(letter_id=letter_id, by=request.asker, now=request.now)
    else:
        raise NotAllowed(_("There is nothing here that you can do."))


def one_of(request: Asked, person: Person, letter_id: uuid.UUID, action: Action = Action.VIEW) -> LetterRow:
    """One letter about this person. Raises NotAllowed."""
    row = queries.letter(request.asker, letter_id, action)
    if row.letter.person_id != person.pk:
        raise NotAllowed(_("There is no letter here that you may see."))
    return row


def pdf(row: LetterRow) -> HttpResponse:
    """The letter as a PDF under a name that tells nothing. The page says that it is never kept by a browser."""
    words = row.words
    made = letter_pdf(
        Paper(
            tuple(words.head.splitlines()), tuple(row.letter.addressee.splitlines()), words.subject,
            parts_of(words.body), words.head.partition("\n")[0], row.letter.person.language,
            str(MARK) if _invented() else "",
        )
    )  # fmt: skip
    response = HttpResponse(made, content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="letter.pdf"'
    return response


def _invented() -> bool:
    return apps.is_installed("accord.service.demo")
