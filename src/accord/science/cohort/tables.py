"""Cohort format 1: which tables a cohort has, and what stands in their columns (E4).

One row per fact. `participant` is a random pseudonym. Every `day` is a whole number of days from that person's
enrolment (day 0); what happened before has a negative day; a person who never enrolled counts from referral.
Missing is empty, never 0. A table may be absent; a column marked required may not be missing from its table.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

FORMAT = 1
INFORMANTS = ("patient", "therapist", "assessor", "observer", "leader", "member", "record")
WORDINGS = ("official", "demo", "invented", "unknown")
MODES = ("asynchronous", "synchronous", "mixed")
CHANNELS = ("message", "phone", "video", "in_person", "group")
EVENTS = (
    "referral", "acknowledged", "screening", "eligible", "ineligible", "consent", "enrolment", "assigned", "start",
    "withdrawal", "lost", "discharge", "adverse_event", "alert", "flare", "onward", "onward_closed", "died",
)  # fmt: skip
SEVERITIES = ("mild", "moderate", "severe", "serious")
CAUSALITIES = ("unrelated", "possible", "probable", "definite")
RESCUED_FOR = ("not_started", "quiet")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its type, meaning, and what it may hold."""

    name: str
    dtype: pl.DataType
    meaning: str
    required: bool = False
    allowed: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its columns and the columns that together name a row once."""

    name: str
    meaning: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    extra: bool = False  # further columns are allowed (background variables)

    def column(self, name: str) -> Column | None:
        return next((column for column in self.columns if column.name == name), None)

    @property
    def schema(self) -> dict[str, pl.DataType]:
        return {column.name: column.dtype for column in self.columns}


def _text(name: str, meaning: str, *, required: bool = False, allowed: tuple[str, ...] = ()) -> Column:
    return Column(name, pl.String(), meaning, required, allowed)


def _whole(name: str, meaning: str, *, required: bool = False, minimum: float | None = None) -> Column:
    return Column(name, pl.Int32(), meaning, required, (), minimum)


def _number(
    name: str, meaning: str, *, required: bool = False, minimum: float | None = None, maximum: float | None = None
) -> Column:
    return Column(name, pl.Float64(), meaning, required, (), minimum, maximum)


def _flag(name: str, meaning: str, *, required: bool = False) -> Column:
    return Column(name, pl.Boolean(), meaning, required)


PERSON = _text("participant", "random pseudonym of the person", required=True)
DAY = _whole("day", "day from enrolment")
TIME_POINT = _text("time_point", "name of the time-point in the protocol")

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        Table("participants", "one row per referred person", ("participant",), (
            PERSON,
            _text("role", "reference: measured, not treated", required=True, allowed=("patient", "reference")),
            _text("site", "clinic"),
            _text("therapist", "pseudonym of the therapist who answers for the person"),
            _text("group", "the group the person belongs to"),
            _text("referral_source", "how the person came"),
            _number("age", "years at referral", minimum=0, maximum=120),
            _text("gender", "as the person said"),
            _whole("counted_day", "day on which the cohort was counted; what is open has been open until then"),
        ), extra=True),
        Table("events", "what happened, when and why", (), (
            PERSON,
            _text("kind", "what happened", required=True, allowed=EVENTS),
            DAY,
            _text("reason", "reason code"),
            _text("detail", "further code, no free text"),
            _text("severity", "mild, moderate, severe, serious", allowed=SEVERITIES),
            _text("causality", "relation to treatment", allowed=CAUSALITIES),
            _number("hours", "acknowledged: hours since the referral", minimum=0),
        )),
        Table("allocation", "the arm given, once and for all", ("participant",), (
            PERSON, DAY,
            _text("arm", "arm of the protocol", required=True),
            _whole("sequence", "number in the order of allocation, from 1", required=True, minimum=1),
            _text("stratum", "stratum, levels joined by a bar"),
            _text("method", "how it was drawn"),
            _text("batch", "batch, when people are allocated together"),
        )),
        Table("scores", "one row per scale answered or due", (
            "participant", "informant", "instrument", "scale", "time_point", "session",
        ), (
            PERSON,
            _text("informant", "who answered", required=True, allowed=INFORMANTS),
            _text("instrument", "instrument id", required=True),
            _text("scale", "scale id within the instrument", required=True),
            _whole("version", "version of the instrument's definition"),
            _text("wording", "whose wording was answered", allowed=WORDINGS),
            _text("session", "session the answer belongs to"),
            _text("time_point", "name of the time-point in the protocol", required=True),
            DAY,
            _number("value", "the score; empty when it cannot be scored", required=True),
            _flag("valid", "scorable by the published missing rule"),
            _whole("answered", "items answered", minimum=0),
            _whole("of", "items asked", minimum=0),
        )),
        Table("sessions", "one row per person and planned meeting", ("participant", "session"), (
            PERSON,
            _text("session", "name of the meeting", required=True),
            _whole("number", "number within the treatment, from 1", minimum=1),
            _text("therapist", "who led it"), _text("group", "group, if one"), DAY,
            _text("state", "what became of it", required=True, allowed=("attended", "missed", "moved", "cancelled")),
        )),
        Table("contacts", "one row per contact; totals are sums over this table only", (), (
            PERSON, _text("therapist", "who"), DAY,
            _text("mode", "asynchronous, synchronous or mixed", required=True, allowed=MODES),
            _text("channel", "by what means", allowed=CHANNELS),
            _number("minutes", "therapist minutes", required=True, minimum=0, maximum=1440),
            _text("session", "the session it was, if one"),
        )),
        Table("lessons", "lessons of the programme", ("participant", "lesson"), (
            PERSON,
            _text("lesson", "lesson id", required=True),
            _whole("number", "number in the programme, from 1", minimum=1),
            _whole("opened_day", "first opened"), _whole("completed_day", "completed; empty if not"),
            _number("practice_minutes", "home practice logged", minimum=0),
        )),
        Table("groups", "one row per group", ("group",), (
            _text("group", "pseudonym of the group", required=True),
            _text("arm", "arm"), _text("site", "clinic"),
            _text("therapist", "who leads it"), _text("second_therapist", "who leads it too"),
            _whole("size", "members at the start", minimum=1),
            _flag("open", "members may join later"),
        )),
        Table("therapists", "one row per therapist; training and ratings only of who consented", ("therapist",), (
            _text("therapist", "pseudonym of the therapist", required=True),
            _text("site", "clinic"), _number("experience_years", "years in practice", minimum=0, maximum=70),
            _text("training", "training code"), _number("fidelity", "mean rating by an independent rater"),
            _whole("places", "how many people at a time; empty: not agreed", minimum=0),
            _whole("people_now", "how many people now", minimum=0),
            _flag("away", "away when the cohort was counted"), _flag("covered", "somebody there stands in while away"),
        ), extra=True),
        Table("recordings", "one row per signal recorded", (), (
            PERSON, _text("session", "session", required=True), TIME_POINT, DAY,
            _text("who", "whose body", required=True, allowed=("patient", "therapist")),
            _text("signal", "what was recorded", required=True), _text("phase", "phase of the session"),
            _number("rate_hz", "samples a second", minimum=0), _number("seconds", "length", minimum=0),
            _number("usable", "share of windows above quality", minimum=0, maximum=1),
        )),
        Table("synchrony", "one row per session and index", (), (
            PERSON, _text("therapist", "therapist"), _text("session", "session", required=True), TIME_POINT, DAY,
            _text("signal", "signal", required=True), _text("method", "index", required=True),
            _number("value", "synchrony", required=True),
            _number("surrogate_mean", "mean of the surrogates"),
            _number("surrogate_sd", "SD of the surrogates", minimum=0),
            _number("effect_size", "(value − mean) / SD of the surrogates"),
            _number("p", "against surrogates", minimum=0, maximum=1),
            _number("peak_lag_s", "lag of the peak in seconds"),
            _text("leader", "who leads", allowed=("patient", "therapist", "none")),
            _whole("windows", "windows used", minimum=0), _number("quality", "usable share", minimum=0, maximum=1),
        )),
        Table("measurements", "laboratory and bedside measures", ("participant", "measure", "time_point"), (
            PERSON, _text("measure", "what was measured", required=True), _text("unit", "unit", required=True),
            TIME_POINT, DAY,
            _number("value", "value; empty when below the limit", required=True),
            _flag("below_limit", "below the detection limit"), _number("limit", "detection limit"),
            _text("batch", "assay batch; unknown batch = unusable"), _flag("fasting", "taken fasting"),
            _number("hour", "hour of the day", minimum=0, maximum=24),
        )),
        Table("deviations", "departures from the protocol", (), (
            PERSON, DAY, _text("kind", "what", required=True),
            _text("severity", "minor or major", allowed=("minor", "major")),
            _text("detail", "code"),
        )),
        Table("costs", "resources used, and their price where known", (), (
            PERSON, TIME_POINT, DAY, _text("category", "what was used", required=True),
            _number("quantity", "how much", required=True, minimum=0), _text("unit", "unit of quantity", required=True),
            _number("amount", "cost"), _text("currency", "ISO code"),
        )),
        Table("alerts", "what a person had to act on; hours are counted from when it was raised", ("alert",), (
            PERSON, _text("alert", "pseudonym of the alert", required=True),
            _text("track", "risk, health, change, silence, safeguarding …", required=True),
            _text("tier", "tier of the safety ladder", required=True), DAY,
            _number("acknowledged_hours", "until somebody took it; empty: nobody yet", minimum=0),
            _number("contacted_hours", "until the person was tried to reach first; empty: not yet", minimum=0),
            _number("closed_hours", "until it was closed; empty: open", minimum=0),
            _number("promised_hours", "within which it had to be taken", minimum=0),
            _number("promised_contact_hours", "within which she had to be tried; empty: none promised", minimum=0),
            _number("open_hours", "age when the cohort was counted; empty when closed", minimum=0),
            _text("reason", "code of closing"),
        )),
        Table("replies", "one row per message that waits for an answer of the service", (), (
            PERSON, DAY, _number("promised_hours", "within which an answer was promised", required=True, minimum=0),
            _number("answered_hours", "until it was answered; empty: not yet", minimum=0),
            _number("waiting_hours", "age when the cohort was counted; empty when answered", minimum=0),
        )),
        Table("rescues", "what was done for who had not started or had gone quiet", (), (
            PERSON, DAY, _text("why", "what was seen", required=True, allowed=RESCUED_FOR),
            _text("kind", "what was done: technical_help, call, message, later …", required=True),
            _text("reason", "her reason, a code"), _text("outcome", "reached, not_reached, left_message …"),
            _number("minutes", "time it took", minimum=0, maximum=1440),
        )),
        Table("complaints", "one row per complaint; a complaint need not name a participant", ("complaint",), (
            _text("complaint", "pseudonym of the complaint", required=True),
            _text("participant", "random pseudonym of the person, if one is named"), _text("site", "clinic"),
            _whole("day", "day from the first day of the cohort"), _text("about", "code", required=True),
            _number("acknowledged_days", "until it was acknowledged; empty: not yet", minimum=0),
            _number("answered_days", "until it was answered; empty: not yet", minimum=0),
            _number("closed_days", "until it was closed; empty: open", minimum=0),
            _number("promised_days", "within which an answer was promised", minimum=0),
            _number("open_days", "age when the cohort was counted; empty when closed", minimum=0),
            _text("outcome", "code of closing"),
        )),
    )
}  # fmt: skip
