"""Lessons and changes to a path, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

if TYPE_CHECKING:
    from accord.service.people.models import Person


PATH = {
    "open": (gettext_lazy("Open it now"), gettext_lazy("Whatever the plan says, from today.")),
    "skip": (gettext_lazy("Leave it out"), gettext_lazy("It does not count any more; what was saved in it is kept.")),
    "hold": (gettext_lazy("Let it wait"), gettext_lazy("It stays shut, or no longer presses, until you undo this.")),
    "undo": (gettext_lazy("Undo a change"), gettext_lazy("The lesson goes by the plan again.")),
    "cleared": (
        gettext_lazy("A doctor has looked"),
        gettext_lazy("The signs that a doctor should see no longer shut a lesson, until they are asked again."),
    ),
}
LESSONS = {
    "done": gettext_lazy("done"), "started": gettext_lazy("begun"), "open": gettext_lazy("open"),
    "closed": gettext_lazy("not open yet"), "skipped": gettext_lazy("left out"),
}  # fmt: skip
LESSON_TONES = {"done": "done", "started": "here", "open": "here", "closed": "shut", "skipped": "out"}


def answered(times: int) -> str:
    """How often a lesson was answered."""
    if not times:
        return _("Not answered yet.")
    return ngettext("Answered once.", "Answered %(n)s times.", times) % {"n": times}


def with_names(text: str, person: Person, me: Person) -> str:
    """A template with the two names that are known; every other gap is the therapist's to fill."""
    text = text.replace("[[name]]", person.name) if person.name else text
    return text.replace("[[your name]]", me.name).strip()


def unread(count: int) -> str:
    """How much of what she saved nobody has read."""
    return ngettext("%(n)s thing saved in the lessons is new", "%(n)s things saved in the lessons are new", count) % {
        "n": count
    }
