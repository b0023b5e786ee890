"""Facts that stand once per person: arm, role, age, gender, clinic, therapist, group, background; what is left out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from accord.science.cohort.draft.columns import Column
from accord.science.cohort.draft.times import slug, tokens_of

ARM = (
    "arm", "allocation", "randomised", "randomized", "treatment", "trt", "therapy", "intervention", "condition",
    "group", "alloc", "treat", "tx", "grp", "cond", "actarm", "armcd", "studyarm", "trtgrp",
)  # fmt: skip
CONTROL = re.compile(r"control|placebo|usual|tau|wait|\bwl|standard|sham|attention|no.?treat|comparator|kontroll", re.I)
PRIVATE = {
    "name", "firstname", "lastname", "surname", "forename", "email", "mail", "phone", "telephone", "tel", "mobile",
    "address", "street", "zip", "postcode", "postal", "dob", "birth", "birthday", "birthdate", "dateofbirth", "ssn",
    "nhs", "insurance", "initials", "comment", "comments", "note", "notes", "remark", "remarks", "ip", "geburtsdatum",
}  # fmt: skip
FIXED = {
    "age": ("age", "years", "alter"), "gender": ("gender", "sex", "geschlecht"),
    "site": ("site", "centre", "center", "clinic", "hospital", "poolinv", "siteid"),
    "therapist": ("therapist", "clinician", "counsellor", "counselor", "provider", "therapistid"),
    "group": ("group", "groupid", "class", "cohort"),
}  # fmt: skip
ROLES = {
    "is_patient": {"1": "patient", "0": "reference"}, "patient": {"1": "patient", "0": "reference"},
    "healthy": {"0": "patient", "1": "reference"}, "is_healthy": {"0": "patient", "1": "reference"},
}  # fmt: skip


@dataclass(frozen=True)
class Facts:
    """What was found about people. `arms` maps codes to arms, `control` is the arm taken as the control."""

    arm: Column | None = None
    arms: dict[str, str] = field(default_factory=dict)
    control: str | None = None
    control_why: str = ""
    role: Column | None = None
    roles: dict[str, str] = field(default_factory=dict)
    fixed: dict[str, Column] = field(default_factory=dict)
    background: dict[str, Column] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)


def private(column: Column) -> str | None:
    """Why a column must not be carried over; None when it may."""
    if PRIVATE & {*tokens_of(column.name), column.name.lower()}:
        return "it may name a person"
    if column.text_long:
        return "free text"
    if any("@" in text for text in column.values.drop_nulls().head(50).to_list()):
        return "it holds addresses"
    return None


def arm_column(columns: list[Column]) -> Column | None:
    """The column of arms: two to six codes, one for each person, with a name or codes that say so."""
    few = [column for column in columns if column.constant and 2 <= len(column.levels) <= 6 and column.date is None]
    named = [(rank, column) for column in few for rank, word in enumerate(ARM) if word in tokens_of(column.name)]
    if named:
        return min(named, key=lambda pair: pair[0])[1]
    worded = [column for column in few if not column.numeric and any(CONTROL.search(level) for level in column.levels)]
    return worded[0] if worded else None


def arms_of(column: Column) -> tuple[dict[str, str], str, str]:
    """Code -> arm, the control, and why that one."""
    names: dict[str, str] = {}
    for code in column.levels:
        name = slug(code, fallback="arm")
        names[code] = name if name not in names.values() else f"{name}_x"
    for code in column.levels:
        if CONTROL.search(code):
            return names, names[code], f"'{code}' reads like a control"
    first = column.levels[0]
    if column.numeric and float(first.replace(",", ".")) == 0:
        return names, names[first], "0 is mostly the control"
    last = column.levels[-1]
    return names, names[last], "nothing says which arm is the control; the last code is taken"


def people_facts(columns: list[Column]) -> Facts:
    """Facts among the columns that no score, time or person uses."""
    arm = arm_column(columns)
    arms, control, why = arms_of(arm) if arm else ({}, None, "")
    role = next((c for c in columns if c.name.lower() in ROLES and set(c.levels) == {"0", "1"} and c.constant), None)
    rest = [column for column in columns if column not in (arm, role)]
    fixed = {name: column for name in FIXED if (column := _fixed(name, rest)) is not None}
    background: dict[str, Column] = {}
    left_out: dict[str, str] = {}
    for column in [one for one in rest if one not in fixed.values()]:
        reason = _reason(column)
        if reason:
            left_out[column.name] = reason
        else:
            background[_free(slug(column.name, fallback="column"), background)] = column
    roles = ROLES[role.name.lower()] if role else {}
    return Facts(arm, arms, control, why, role, roles, fixed, background, left_out)


def _free(name: str, taken: dict[str, Column]) -> str:
    while name in taken or name in ("participant", "role", "referral_source", *FIXED):
        name += "_x"
    return name


def _fixed(name: str, columns: list[Column]) -> Column | None:
    for column in columns:
        if not column.constant or private(column) or not set(FIXED[name]) & set(tokens_of(column.name)):
            continue
        if name == "age" and not (column.numeric and column.low >= 0 and column.high <= 120 and column.distinct > 2):
            continue
        if name == "gender" and len(column.levels) > 6:
            continue
        return column
    return None


def _reason(column: Column) -> str | None:
    """Why a column is left out; None when it can be a background variable."""
    if reason := private(column):
        return reason
    if not column.filled:
        return "it is empty"
    if column.date:
        return "a calendar date is not kept"
    if not column.constant:
        return "it differs between the rows of one person and was not taken as a scale"
    if not column.numeric and not column.levels:
        return "many different words"
    return None
