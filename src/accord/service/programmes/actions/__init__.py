"""Writes of this room: a course begins, moves on, is changed; what she saves, practises and plans.

Every row is written once. The same post twice is one row: marks by their place, the rest by the page's own `key`.
"""

from accord.service.programmes.actions.course import begin_course, change_path, move_course
from accord.service.programmes.actions.lessons import begin_lesson, finish_part, mark_answered, mark_read
from accord.service.programmes.actions.practice import begin_flare, end_flare, log_practice
from accord.service.programmes.actions.saved import drop_draft, keep_entry_draft, save_entry

__all__ = [
    "begin_course",
    "begin_flare",
    "begin_lesson",
    "change_path",
    "drop_draft",
    "end_flare",
    "finish_part",
    "keep_entry_draft",
    "log_practice",
    "mark_answered",
    "mark_read",
    "move_course",
    "save_entry",
]
