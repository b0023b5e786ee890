"""Letters: those about a person, what became of each, and which ones somebody may write."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from accord.service.access.table import Action, Asker
from accord.service.episodes.models import Episode, Letter, LetterStep
from accord.service.episodes.policies import can_write, the_letter
from accord.service.episodes.rules import Wording, letter_kinds, wording_of
from accord.service.errors import NotAllowed
from accord.service.library.queries import protocol


@dataclass(frozen=True, slots=True)
class LetterRow:
    """A letter with its one step, if any: sent, or withdrawn."""

    letter: Letter
    step: LetterStep | None

    @property
    def words(self) -> Wording:
        return wording_of(self.letter.text)

    @property
    def sent(self) -> bool:
        return self.step is not None and self.step.kind == LetterStep.Kind.SENT


def letters_of(asker: Asker, person_id: uuid.UUID) -> list[LetterRow]:
    """Every letter about a person that the asker may see, the newest first. Two queries."""
    rows = Letter.objects.for_(asker, Action.VIEW).filter(person=person_id)
    return _rows(rows.order_by("-made_at", "-id"))


def letter(asker: Asker, letter_id: uuid.UUID, action: Action = Action.VIEW) -> LetterRow:
    """One letter. Raises NotAllowed."""
    return _rows([the_letter(letter_id, asker, action)])[0]


def own_letters(asker: Asker) -> list[LetterRow]:
    """The letters about the asker herself that were sent, to whomever; the newest first."""
    if asker.person_id is None:
        return []
    return [row for row in letters_of(asker, asker.person_id) if row.sent]


def own_letter(asker: Asker, letter_id: uuid.UUID) -> LetterRow:
    """One letter about the asker herself that was sent. Raises NotAllowed."""
    found = letter(asker, letter_id)
    if not found.sent or found.letter.person_id != asker.person_id:
        raise NotAllowed("")
    return found


def may_write(asker: Asker, episode: Episode) -> list[str]:
    """The kinds of letters that the asker may write about an episode."""
    kinds = letter_kinds(protocol(episode.snapshot_id).letters)
    return [kind for kind in kinds if can_write(asker, episode, kind)]


def _rows(found: Iterable[Letter]) -> list[LetterRow]:
    rows = list(found)
    steps = {step.letter_id: step for step in LetterStep.objects.filter(letter__in=[row.pk for row in rows])}
    return [LetterRow(row, steps.get(row.pk)) for row in rows]
