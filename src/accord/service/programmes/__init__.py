"""Courses: which programme a person follows, what is open for her and why, what she saved, practised and planned.

Not for questionnaires (assessments), messages (messaging) or what a clinician does (care).
"""
