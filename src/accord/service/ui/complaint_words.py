"""What complaints are about and what became of them, in the words of every page."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

ABOUT = {
    "therapist": gettext_lazy("My therapist, or how somebody treated me"),
    "waiting": gettext_lazy("Waiting too long"),
    "lessons": gettext_lazy("The lessons"),
    "questions": gettext_lazy("The questions I am asked"),
    "technical": gettext_lazy("Something that does not work"),
    "privacy": gettext_lazy("How my data are handled"),
    "letter-or-call": gettext_lazy("A letter, a mail or a call"),
    "something-else": gettext_lazy("Something else"),
}
ABOUT_AT_WORK = {
    "therapist": gettext_lazy("a therapist or a colleague"),
    "waiting": gettext_lazy("waiting"),
    "lessons": gettext_lazy("the lessons"),
    "questions": gettext_lazy("the questions"),
    "technical": gettext_lazy("the technical side"),
    "privacy": gettext_lazy("data and privacy"),
    "letter-or-call": gettext_lazy("a letter, mail or call"),
    "something-else": gettext_lazy("something else"),
}
STAGES = {
    "new": gettext_lazy("nobody has answered yet"),
    "acknowledged": gettext_lazy("acknowledged"),
    "answered": gettext_lazy("answered"),
    "closed": gettext_lazy("closed"),
}
WAYS = {
    "page": gettext_lazy("On the person's own page, with a neutral mail"),
    "letter": gettext_lazy("In a letter"),
    "phone": gettext_lazy("On the telephone"),
}
OUTCOMES = {
    "put-right": gettext_lazy("It was put right"),
    "explained": gettext_lazy("It was explained"),
    "partly-right": gettext_lazy("Partly right, and what can be done is done"),
    "not-agreed": gettext_lazy("We see it differently"),
    "taken-back": gettext_lazy("It was taken back"),
    "passed-on": gettext_lazy("Passed on to somebody else"),
}
