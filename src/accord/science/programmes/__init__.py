"""Programmes: the treatment content. Load and check one; what is open for whom, what is shown to whom, how much it is.

Also the questions asked before and beside the questionnaires. Knows no answers: progress and records are passed in.
"""

from accord.science.programmes.check import publishable
from accord.science.programmes.crisis import Crisis, crisis_countries, crisis_findings, load_crisis
from accord.science.programmes.dose import Dose, dose
from accord.science.programmes.lesson_text import Block, LessonText, Part
from accord.science.programmes.load import build_programme, load_programme, programme_findings, programme_ids
from accord.science.programmes.model import HarmText, Lesson, Practice, Programme
from accord.science.programmes.questions import Question, load_questions
from accord.science.programmes.tailoring import Screened, Tailored, screened, tailored
from accord.science.programmes.unlocking import Change, LessonState, Progress, unlocked

__all__ = [
    "Block",
    "Change",
    "Crisis",
    "Dose",
    "HarmText",
    "Lesson",
    "LessonState",
    "LessonText",
    "Part",
    "Practice",
    "Programme",
    "Progress",
    "Question",
    "Screened",
    "Tailored",
    "build_programme",
    "crisis_countries",
    "crisis_findings",
    "dose",
    "load_crisis",
    "load_programme",
    "load_questions",
    "programme_findings",
    "programme_ids",
    "publishable",
    "screened",
    "tailored",
    "unlocked",
]  # fmt: skip
