"""What to look at in the demonstration, as whom, in which order. Each stop is one click: in, and the page is open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accord.service.demo.staff import DOMAIN
from accord.service.people.queries import account_with


@dataclass(frozen=True, slots=True)
class Stop:
    """One page: where it is, and what there is to see."""

    title: str | Promise
    see: str | Promise
    page: Callable[[], str]  # its address


@dataclass(frozen=True, slots=True)
class Walk:
    """The stops as one of the visitors of the door."""

    visitor: str  # a key of VISITORS
    title: str | Promise
    why: str | Promise
    stops: tuple[Stop, ...]


def _at(name: str) -> Callable[[], str]:
    return lambda: reverse(name)


def _of(name: str, key: str) -> Callable[[], str]:
    """A page about one of the invented people; the list where she is not here."""

    def address() -> str:
        account = account_with(f"{key}@{DOMAIN}")
        portal = name.split(":")[0]
        lists = {"therapist": "therapist:caseload", "coordinator": "coordinator:referrals"}
        return reverse(name, args=[account.person_id]) if account else reverse(lists[portal])

    return address


TOUR = (
    Walk(
        "in-the-course",
        _("As a patient"),
        _("Begin here. Everything else in this house is there so that these pages are kind and somebody reads them."),
        (
            Stop(
                _("Today"), _("One thing to do, why, and how long it takes. Then what is next."), _at("patient:today")
            ),
            Stop(
                _("The lessons"),
                _("What is open, what comes when, and the lesson that Ines has begun."),
                _at("patient:lessons"),
            ),
            Stop(
                _("How it goes"),
                _("A sentence first, then a picture with her own ordinary ups and downs."),
                _at("patient:progress"),
            ),
            Stop(
                _("Messages"), _("Her conversation with Bea, and by when she has an answer."), _at("patient:messages")
            ),
            Stop(
                _("Say what was not right"),
                _("A complaint, and the days within which she hears from the service."),
                _at("patient:say"),
            ),
        ),
    ),
    Walk(
        "in-a-group",
        _("As somebody in a group"),
        _("Sara also meets others on a screen each week. Nothing on her pages tells a stranger what for."),
        (
            Stop(_("The dates"), _("When the group meets, also as a file for her own calendar."), _at("patient:group")),
            Stop(_("Her settings"), _("When reminders come, and what else she may decide."), _at("patient:settings")),
            Stop(_("Her data"), _("All that is kept about her, to read and to take along."), _at("patient:data")),
        ),
    ),
    Walk(
        "therapist",
        _("As a therapist"),
        _("Bea has a dozen people and ten minutes between two of them."),
        (
            Stop(_("Who needs her first"), _("The list by need, with the reason in words."), _at("therapist:caseload")),
            Stop(
                _("One person on one page"),
                _("Tove: how it goes, what happened, and what to do."),
                _of("therapist:patient", "tove.lund"),
            ),
            Stop(_("The week ahead"), _("Her meetings: one of them today or soon."), _at("therapist:agenda")),
            Stop(
                _("When she is away"),
                _("Who stands in. Nia is on leave now, and Carl has her alerts."),
                _at("therapist:leave_cover"),
            ),
        ),
    ),
    Walk(
        "duty-clinician",
        _("As the clinician on duty"),
        _("Eli answers for everybody who has no therapist yet, and for what nobody took in time."),
        (
            Stop(
                _("Alerts"),
                _(
                    "Gita used the button two hours ago, Cyril could not say that he is safe today, and Levi"
                    " left a question out. Each has a clock of its own."
                ),
                _at("therapist:caseload"),
            ),
            Stop(
                _("Hedy, a week later"),
                _("Called and closed, then again: what was said, and how it was handled."),
                _of("therapist:patient", "hedy.blom"),
            ),
        ),
    ),
    Walk(
        "facilitator",
        _("As somebody who leads a group"),
        _("Mira writes down who came; the minutes of each person count from that."),
        (
            Stop(
                _("Her groups"),
                _("Afternoons at the harbour: three meetings were held, three are ahead."),
                _at("therapist:groups"),
            ),
        ),
    ),
    Walk(
        "coordinator",
        _("As a coordinator"),
        _("Dora sees to it that nobody is lost between two pages."),
        (
            Stop(
                _("Who came"),
                _("Elsa was referred by letter four days ago, and nobody has told her doctor that it arrived."),
                _at("coordinator:referrals"),
            ),
            Stop(
                _("Who waits for a therapist"),
                _("Free places and certificates. Hal's certificate has run out: he can be chosen only with a reason."),
                _at("coordinator:waiting"),
            ),
            Stop(
                _("Start and stay"),
                _("Who has not begun or went quiet, whose turn it is, and what helped others."),
                _at("coordinator:start_and_stay"),
            ),
            Stop(
                _("Complaints"),
                _("A new one, one that is overdue, one that was put right."),
                _at("coordinator:complaints"),
            ),
            Stop(
                _("Who works here"), _("Duty, leave, places, and certificates that run out."), _at("coordinator:staff")
            ),
        ),
    ),
    Walk(
        "manager",
        _("As a manager"),
        _("Gus answers for what the service does. Every number opens to what it means."),
        (
            Stop(
                _("The numbers"),
                _("Five years: who came, who stayed, how it went, what was promised and kept."),
                _at("manager:numbers"),
            ),
            Stop(
                _("What they mean"),
                _("Each word and each number as it is counted, to be signed."),
                _at("manager:definitions"),
            ),
        ),
    ),
    Walk(
        "researcher",
        _("As a researcher"),
        _("Ila needs the data, without a name in them."),
        (
            Stop(
                _("Protocols in force"),
                _("What each promises, who came, and how complete the answers are."),
                _at("research:protocols"),
            ),
            Stop(
                _("Exports"),
                _("Ask for one and watch it being made; then its data and its report are here."),
                _at("research:exports"),
            ),
        ),
    ),
    Walk(
        "operator",
        _("As whoever runs the machine"),
        _("Jon keeps it going, and sees no patient."),
        (
            Stop(
                _("Settings"),
                _("How this clinic is set up, what is unsafe here and how to mend it, the last backup."),
                _at("operator:settings"),
            ),
        ),
    ),
)


def stop_of(visitor: str, number: str) -> Stop | None:
    """A stop of the tour by its visitor and its place, from 1; None where there is none."""
    walk = next((one for one in TOUR if one.visitor == visitor), None)
    place = int(number) if number.isdecimal() and len(number) < 3 else 0
    return walk.stops[place - 1] if walk is not None and 1 <= place <= len(walk.stops) else None
