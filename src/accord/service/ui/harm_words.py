"""Adverse events in words: what happened, how bad it was, whether the treatment had to do with it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from accord.service.care.rules.harm import IN_ERROR

KINDS = {
    "more-pain": gettext_lazy("more pain that stayed"), "distress": gettext_lazy("distress"),
    "fall": gettext_lazy("a fall or an injury"), "new-illness": gettext_lazy("a new illness"),
    "medicine": gettext_lazy("trouble with a medicine"), "self-harm": gettext_lazy("self-harm"),
    "hospital": gettext_lazy("a stay in hospital"), "death": gettext_lazy("death"),
    "other": gettext_lazy("something else, in the words"), IN_ERROR: gettext_lazy("entered in error"),
}  # fmt: skip
HOW_BAD = {
    "mild": gettext_lazy("mild: noticed, daily life goes on"), "moderate": gettext_lazy("moderate: daily life suffers"),
    "severe": gettext_lazy("severe: daily life is not possible"),
    "serious": gettext_lazy("serious: death, danger to life, hospital, or lasting harm"),
}  # fmt: skip
BY_TREATMENT = {
    "unrelated": gettext_lazy("unrelated"), "possible": gettext_lazy("possibly"),
    "probable": gettext_lazy("probably"), "definite": gettext_lazy("definitely"),
}  # fmt: skip
