"""What the access table cannot say about courses: in what state something may be done. Pairs: check, can."""

from __future__ import annotations

from django.utils.translation import gettext as _

from accord.science.programmes import Programme
from accord.science.programmes.lesson_text import Block
from accord.service.access.table import Action, Asker
from accord.service.episodes.queries import state
from accord.service.episodes.rules import State
from accord.service.errors import NotAllowed, NotNow, Refusal
from accord.service.programmes.models import Course
from accord.service.programmes.rules.words import LONGEST_TEXT, LONGEST_VALUE, problem

KEEPS = frozenset(
    {"exercise", "thought_record", "activity_planner", "exposure_ladder", "practice_log", "values", "flare_plan",
     "relapse_plan", "quiz"}
)  # fmt: skip
FELT = ("", "calmer", "same", "restless", "more-pain", "frightened")


def check_can_follow(by: Asker, course: Course) -> None:
    """It is her own course, and she has not taken her consent back. Raises NotAllowed, NotNow."""
    if not Course.objects.for_(by, Action.ANSWER).filter(pk=course.pk).exists():
        raise NotAllowed(_("There is no course here that you may follow."))
    if state(course.episode) is State.WITHDRAWN:
        raise NotNow(
            _("You have left, so nothing more is kept here."), cure=_("What you saved before is on your page.")
        )


def can_follow(by: Asker, course: Course) -> bool:
    try:
        check_can_follow(by, course)
    except (NotAllowed, NotNow):
        return False
    return True


def check_can_write(by: Asker, course: Course) -> None:
    """She may write into her lessons while somebody reads what she writes (C15). Raises NotAllowed, NotNow."""
    check_can_follow(by, course)
    if state(course.episode) in (State.STOPPED, State.DISCHARGED):
        message = _("Your treatment here has ended, so nobody reads what you would write now.")
        raise NotNow(message, cure=_("What you wrote before is kept, and you can read and print it."))


def can_write(by: Asker, course: Course) -> bool:
    try:
        check_can_write(by, course)
    except (NotAllowed, NotNow):
        return False
    return True


def check_can_guide(by: Asker, course: Course) -> None:
    """She acts on the course of somebody she answers for. Raises NotAllowed."""
    if not Course.objects.for_(by, Action.ACT).filter(pk=course.pk).exists():
        raise NotAllowed(_("There is no course here that you may change."))


def can_guide(by: Asker, course: Course) -> bool:
    try:
        check_can_guide(by, course)
    except NotAllowed:
        return False
    return True


def check_reason(reason: str) -> str:
    """The reason that she will read: something, and not a novel."""
    words = reason.strip()
    if not words or "\0" in words:
        raise Refusal(_("There is no reason yet."), cure=_("Write in a sentence why; she reads it on her page."))
    if len(words) > 600:
        sizes = {"found": len(words), "limit": 600}
        raise Refusal(_("The reason has %(found)s characters; at most %(limit)s fit.") % sizes, cure=_("Shorten it."))
    return words


def the_block(programme: Programme, lesson: str, block: str) -> Block:
    """The block of a lesson whose answers are kept. Raises NotAllowed as for one that does not exist."""
    text = programme.text(lesson) if any(one.id == lesson for one in programme.lessons) else None
    found = next((one for one in text.blocks if one.id == block and one.kind in KEEPS), None) if text else None
    if found is None:
        cure = _("Open the lesson again. What you wrote before is kept and stands on your page.")
        raise NotAllowed(_("There is nothing under that address where something could be saved."), cure=cure)
    return found


def check_value(value: object) -> None:
    """What she wrote can be kept as it is. Raises Refusal with the limit; the page keeps what was written."""
    match problem(value):
        case "nul":
            cure = _("Remove it and save again. What you wrote is still on the page.")
            raise Refusal(_("The text holds a character that cannot be stored (NUL)."), cure=cure)
        case "long":
            cure = _("Shorten it, or send a part of it as a message. What you wrote is still on the page.")
            limit = _("One of the texts is too long; at most %(limit)s characters fit.") % {"limit": LONGEST_TEXT}
            raise Refusal(limit, cure=cure)
        case "shape":
            raise Refusal(_("What came is not what this page asks for."), cure=_("Open the page again."))


def check_size(text: str) -> None:
    if len(text) > LONGEST_VALUE:
        message = _("There is too much on this page to be kept; at most %(limit)s characters fit.")
        cure = _("Shorten it. What you wrote is still on the page.")
        raise Refusal(message % {"limit": LONGEST_VALUE}, cure=cure)
