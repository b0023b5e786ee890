"""Letters are written once. What was signed stays word for word; a correction is a new letter."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accord.service.access.table import Action, Asker
from accord.service.episodes.actions.parts import told
from accord.service.episodes.models import Letter, LetterStep, Onward
from accord.service.episodes.policies import check_may_write, check_words, the_letter
from accord.service.episodes.rules import Wording
from accord.service.errors import NotAllowed, NotNow, Refusal

if TYPE_CHECKING:
    from accord.service.episodes.models import Episode

HOW = ("post", "hand", "secure-mail")  # how a letter goes


@transaction.atomic
def write_letter(
    *,
    episode: Episode,
    kind: str,
    addressee: str,
    subject: str,
    body: str,
    head: str,
    snapshot_id: uuid.UUID,
    key: uuid.UUID,
    by: Asker,
    now: datetime,
    onward_id: uuid.UUID | None = None,
) -> Letter:
    """Sign a letter: from now on it stays as it is. `head`: the clinic's lines; `snapshot_id`: the text it filled.

    The same key twice is one letter. Raises NotAllowed (a kind that is not hers to write), Refusal (something is still
    open, too long, empty; the cure names what).
    """
    check_may_write(by, episode, kind)
    if held := Letter.objects.filter(key=key, episode=episode).first():
        return held
    plain = body.replace("\r\n", "\n").strip()
    to = addressee.replace("\r\n", "\n").strip()
    check_words(addressee=to, subject=subject, body=plain)
    if onward_id is not None and not Onward.objects.filter(pk=onward_id, episode__person=episode.person_id).exists():
        raise NotAllowed(_("There is no such onward referral here."))
    row = Letter.objects.create(
        person=episode.person, episode=episode, kind=kind, snapshot_id=snapshot_id, onward_id=onward_id, addressee=to,
        text=Wording(head, " ".join(subject.split()), plain).text(), made_at=now, by=by.person_id, key=key,
    )  # fmt: skip
    personal = {"text": row.text, "addressee": row.addressee}
    told(episode.person_id, "write_letter", "letter", row, by, now, facts={"kind": kind}, personal=personal)
    return row


@transaction.atomic
def send_letter(*, letter_id: uuid.UUID, how: str, by: Asker, now: datetime) -> LetterStep:
    """It went, and how. Sending the same letter twice is once."""
    if how not in HOW:
        raise Refusal(_("Choose how the letter goes."), cure=_("Nothing was kept."))
    return _end(letter_id, LetterStep.Kind.SENT, by, now, how=how)


@transaction.atomic
def withdraw_letter(*, letter_id: uuid.UUID, by: Asker, now: datetime) -> LetterStep:
    """It does not go. One that has gone cannot be taken back."""
    return _end(letter_id, LetterStep.Kind.WITHDRAWN, by, now)


def _end(letter_id: uuid.UUID, kind: LetterStep.Kind, by: Asker, now: datetime, how: str = "") -> LetterStep:
    letter = the_letter(letter_id, by, Action.ACT)
    held = LetterStep.objects.filter(letter=letter).first()
    if held is None:
        try:
            with transaction.atomic():
                held = LetterStep.objects.create(letter=letter, kind=kind, how=how, at=now, by=by.person_id)
        except IntegrityError:
            held = LetterStep.objects.get(letter=letter)
        else:
            facts = {"kind": kind.value, "how": how}
            told(letter.person_id, "end_letter", "letter", letter, by, now, facts=facts)
    if held.kind != kind:
        words = {"sent": _("This letter has gone."), "withdrawn": _("This letter was withdrawn.")}
        raise NotNow(words[held.kind], cure=_("Write a new letter that corrects it."))
    return held
