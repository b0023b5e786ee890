"""The text of the tiny programme."""

from __future__ import annotations

PROGRAMME = """\
programme: tiny
version: 1
title: Tiny
summary: A small programme.
status: draft
near_to: study
sources:
  study: {citation: Study 2020. A trial, read: abstract}
source: study
review:
  clinical: {state: not reviewed}
  lived_experience: {state: not reviewed}
  language: {state: not reviewed}
anchors: {start: your start}
lengths:
  short: {label: Four weeks, weeks: 4, days_between: 7}
  long: {label: Eight weeks, weeks: 8, days_between: 14}
facts:
  tired: {kind: bool, label: often very tired}
  sleep: {kind: number, low: 0, high: 28, label: trouble with sleep}
  red_flags.any: {kind: bool, label: a sign that a doctor should see}
  red_flags.worse_after_effort: {kind: number, low: 0, high: 1, label: worse after effort}
modules:
  one: {title: One, aim: The first part.}
  two: {title: Two, aim: The second part., core: false}
lessons:
  - id: first
    title: First
    aim: To begin.
    module: one
    status: draft
    minutes: 10
    file: 01-first.md
    practices: [sounds]
    opens: [{step: 1, of: start}]
  - id: second
    title: Second
    aim: To go on.
    module: two
    minutes: 20
    opens: [{step: 2, of: start}, {completed: first, days_later: 2}]
practices:
  sounds: {title: Sounds, aim: To rest., minutes: 5, kind: sound, days_a_week: 3}
practice_safety:
  eyes: Open or closed.
  anchors: Sounds or feet.
  stop: Stop at any time.
  frightening: Do the two steps below.
  grounding: [Feel your feet., Name five things.]
  person: Write to your therapist.
"""
LESSON = "# First\n\nHello.\n\n## Only part (10 minutes)\n\nWords.\n"


def line_in(text: str, what: str) -> int:
    """The line of a text in which something stands."""
    return next(number for number, line in enumerate(text.splitlines(), 1) if what in line)
