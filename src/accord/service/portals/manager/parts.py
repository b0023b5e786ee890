"""The parts of the page of numbers, in the order in which a manager asks: which numbers answer which question."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Part:
    """One question of a manager: which families of numbers answer it, and what is said while there are none."""

    id: str
    heading: Text
    families: tuple[str, ...]
    lead: Text
    missing: Text
    sections: tuple[str, ...] = ()  # whose cautions belong here
    pictures: tuple[str, ...] = ()


PARTS = (
    Part(
        "came", gettext_lazy("Who came, and how far"), ("reached", "funnel", "stage_wait"),
        gettext_lazy("Each stage counts people of the stage that it is a share of. What a stage is stands beside it."),
        gettext_lazy("How many were referred, began and finished, once somebody has come."), ("funnel",), ("funnel",),
    ),
    Part(
        "waits", gettext_lazy("Who waits, and how long"), ("wait", "acknowledged"),
        gettext_lazy("Counting those who still wait: half have arrived after the median, nine of ten after the other."),
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
        "rescues", gettext_lazy("Start-and-stay: what helped people to begin and to stay"), ("rescue",),
        gettext_lazy("Nobody was chosen by lot, so a difference need not come from what was done."),
        gettext_lazy("What was done for people who had not begun or had gone quiet, and how many came back."),
        ("rescues",),
    ),
    Part(
        "equity", gettext_lazy("Is it the same for everybody"), ("equity",),
        gettext_lazy("Only groups of ten people or more are shown."),
        gettext_lazy("Who began, finished and improved by age, gender and language, once groups reach ten people."),
        ("equity",),
    ),
    Part(
        "load", gettext_lazy("Load and cover of colleagues"), ("cover", "load"),
        gettext_lazy("How many people each colleague answers for, and who stands in while somebody is away."),
        gettext_lazy("How many people each therapist answers for."), ("load",),
    ),
)  # fmt: skip
