"""The parts of the page of numbers, in the order in which a manager asks: which numbers answer which question."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Part:
    """One question of a manager: which families of numbers (in short: which numbers) answer it, and what is said while
    there are none."""

    id: str
    heading: Text
    families: tuple[str, ...]
    lead: Text
    missing: Text
    sections: tuple[str, ...] = ()  # whose cautions belong here
    pictures: tuple[str, ...] = ()


SHORT = Part(
    "short", gettext_lazy("In short"),
    (
        "reached.referred", "funnel.started", "wait.start.median", "responders.{primary}", "replies.in_time",
        "alerts.acknowledged_in_time", "alerts.overdue", "complaints.overdue", "harms.serious", "cover.uncovered",
    ),
    "", "", ("change",),
)  # fmt: skip
PARTS = (
    Part(
        "came", gettext_lazy("Who came, and how far"), ("reached", "funnel", "stage_wait"),
        gettext_lazy("Each share is of the people of an earlier stage, which the last column names."),
        gettext_lazy("How many were referred, began and finished, once somebody has come."), ("funnel",), ("funnel",),
    ),
    Part(
        "waits", gettext_lazy("Who waits, and how long"), ("wait", "acknowledged"),
        gettext_lazy("Who still waits is counted in. “Of” says of how many people the days are."),
        gettext_lazy("How long people wait from referral to each step, once somebody has been referred."),
        ("waits",), ("waits",),
    ),
    Part(
        "outcomes", gettext_lazy("What changed for them"),
        ("change", "g", "g_completers", "percent", "reliably_improved", "reliably_worse", "responders", "satisfaction"),
        gettext_lazy(
            "More than zero is better, whichever way a questionnaire runs. SDs: in units of how much people differed "
            "before the course. Everybody: also who did not answer later, by the model; beside it who answered twice."
        ),
        gettext_lazy(
            "How people changed, once some have answered before and after. The first answers are due about nine weeks "
            "after the first person begins."
        ),
        ("change", "responders", "satisfaction"), ("change_",),
    ),
    Part(
        "benchmark", gettext_lazy("Beside the published figures"), (), "",
        gettext_lazy("What was published elsewhere, once there is something of ours to lay beside it."),
        ("benchmark",), ("benchmark",),
    ),
    Part(
        "minutes", gettext_lazy("Minutes, and the promise of an answer"), ("minutes", "replies"),
        gettext_lazy("Minutes of a therapist for each person who began; answers within the promised hours."),
        gettext_lazy("Minutes by mode of contact, and how often the promise of an answer was kept."),
        ("minutes", "replies"), ("minutes",),
    ),
    Part(
        "alerts", gettext_lazy("Alerts"), ("alerts", "alerts_open", "alerts_closed"),
        gettext_lazy("How old the open ones are, and how often the promised hours were kept."),
        gettext_lazy("Alerts by age and tier, once one was raised."), ("alerts",), ("alerts",),
    ),
    Part(
        "harms", gettext_lazy("Unwanted effects"), ("harms", "harm_events"), "",
        gettext_lazy("Unwanted effects by how severe they were, once one was written down."), ("harms",),
    ),
    Part(
        "complaints", gettext_lazy("Complaints"), ("complaints",), "",
        gettext_lazy("Complaints by what they were about and how long they took."), ("complaints",),
    ),
    Part(
        "rescues", gettext_lazy("Start-and-stay: what was done so that people begin and stay"), ("rescue",),
        gettext_lazy("Others in the same state: for as long, and nothing was done for them."),
        gettext_lazy("What was done for people who had not begun or had gone quiet, and how many came back."),
        ("rescues",),
    ),
    Part(
        "equity", gettext_lazy("Is it the same for everybody"), ("equity",),
        gettext_lazy(
            "Only groups of ten people or more are shown. “Not recorded” are people who did not tell us, or who took "
            "back that we may use it. Who never begins is often among them: compare the named groups with each other "
            "only."
        ),
        gettext_lazy("Who began, finished and improved by age, gender and language, once groups reach ten people."),
        ("equity",),
    ),
    Part(
        "load", gettext_lazy("Load and cover of colleagues"), ("cover", "load"),
        gettext_lazy("How many people each colleague answers for, and who stands in while somebody is away."),
        gettext_lazy("How many people each therapist answers for."), ("load",),
    ),
)  # fmt: skip
