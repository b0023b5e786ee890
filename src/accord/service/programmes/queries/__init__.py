"""Reads about courses. Those that take an `asker` show only what she may see; the others take a course that was."""

from accord.service.programmes.queries.beginning import ToBegin, course_at, ready, without_course
from accord.service.programmes.queries.lessons import (
    LessonView,
    PartView,
    PracticeView,
    practice,
    practices,
    preview_lesson,
    tailored_lesson,
)
from accord.service.programmes.queries.lists import CourseSummary, Pulse, finished, pulses, summaries
from accord.service.programmes.queries.paths import course_of, programme_of, record, snapshot_of, today_of, zone_of
from accord.service.programmes.queries.practised_days import (
    first_of_many_flares,
    flare_of,
    flares_of,
    practised,
    practised_on,
)
from accord.service.programmes.queries.saved import (
    Drafted,
    Saved,
    answered,
    draft,
    drafts,
    earlier,
    entries,
    entry,
    lesson_entries,
    saved_as,
)
from accord.service.programmes.queries.standings import CourseStanding, message_of_the_week, preview, standing
from accord.service.programmes.queries.versions import Moved, moves, newer_version, what_changes

__all__ = [
    "CourseStanding",
    "CourseSummary",
    "Drafted",
    "LessonView",
    "Moved",
    "PartView",
    "PracticeView",
    "Pulse",
    "Saved",
    "ToBegin",
    "answered",
    "course_at",
    "course_of",
    "draft",
    "drafts",
    "earlier",
    "entries",
    "entry",
    "finished",
    "first_of_many_flares",
    "flare_of",
    "flares_of",
    "lesson_entries",
    "message_of_the_week",
    "moves",
    "newer_version",
    "practice",
    "practices",
    "practised",
    "practised_on",
    "preview",
    "preview_lesson",
    "programme_of",
    "pulses",
    "ready",
    "record",
    "saved_as",
    "snapshot_of",
    "standing",
    "summaries",
    "tailored_lesson",
    "today_of",
    "what_changes",
    "without_course",
    "zone_of",
]
