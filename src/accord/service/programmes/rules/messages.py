"""Which message of the service a lesson has for a day: the newest that is due, counted from when she began it."""

from __future__ import annotations

from accord.science.programmes import LessonText
from accord.science.programmes.blocks import Message
from accord.science.programmes.lesson_text import Block


def message_due(text: LessonText | None, days: int) -> Block | None:
    """The newest message from the service (the therapist's are written by her) for so many days after the beginning."""
    heads = [(block.head, block) for block in text.blocks] if text else []
    found = [(head.day, block) for head, block in heads if isinstance(head, Message) and head.sender == "service"]
    due = [one for one in found if one[0] <= days]
    return max(due, key=lambda one: one[0])[1] if due else None
