"""The words of a way through the service: where somebody stands, why it ended, where the person is sent on to."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accord.service.episodes.rules import State, StepKind

STATES = {
    State.REFERRED: gettext_lazy("confirmed, questions not begun"),
    State.SCREENING: gettext_lazy("answering the first questions"),
    State.NOT_ELIGIBLE: gettext_lazy("not eligible, shown other help"),
    State.ELIGIBLE: gettext_lazy("eligible, reading the information"),
    State.CONSENTED: gettext_lazy("consented"),
    State.ENROLLED: gettext_lazy("enrolled"),
    State.STOPPED: gettext_lazy("ended the treatment"),
    State.DISCHARGED: gettext_lazy("discharged"),
    State.WITHDRAWN: gettext_lazy("withdrew"),
}
STEPS = {
    StepKind.REFERRED: gettext_lazy("Confirmed the wish to come"),
    StepKind.SCREENING: gettext_lazy("Began the first questions"),
    StepKind.ELIGIBLE: gettext_lazy("The programme fits"),
    StepKind.NOT_ELIGIBLE: gettext_lazy("The programme does not fit; other help was shown"),
    StepKind.CONSENTED: gettext_lazy("Consented"),
    StepKind.ENROLLED: gettext_lazy("Enrolled"),
    StepKind.STOPPED: gettext_lazy("Ended the treatment; still answers questionnaires"),
    StepKind.DISCHARGED: gettext_lazy("Discharged"),
    StepKind.WITHDRAWN: gettext_lazy("Withdrew"),
}
WAITS_FOR = {
    State.ELIGIBLE: gettext_lazy("a therapist, and the decision about the consent"),
    State.CONSENTED: gettext_lazy("a therapist, and the first step after the consent"),
    State.ENROLLED: gettext_lazy("a therapist"),
}
REASONS_ON = {
    "not-eligible": gettext_lazy("this programme is not the right help"),
    "needs-more": gettext_lazy("needs more than this programme can give"),
    "other-problem": gettext_lazy("another problem comes first"),
    "her-wish": gettext_lazy("own wish"),
    "after-discharge": gettext_lazy("goes on elsewhere after this programme"),
}
LOOP = {
    "sent": gettext_lazy("sent"),
    "received": gettext_lazy("has arrived there"),
    "seen": gettext_lazy("was seen there"),
    "declined": gettext_lazy("they declined"),
    "not-wanted": gettext_lazy("not wanted"),
}
CAME = {
    "page": gettext_lazy("through the page"),
    "letter": gettext_lazy("by letter"),
    "phone": gettext_lazy("by telephone"),
}
TOLD = {
    "page": gettext_lazy("by the page itself"),
    "email": gettext_lazy("by e-mail"),
    "letter": gettext_lazy("by letter"),
    "phone": gettext_lazy("by telephone"),
}
# Words of protocols that have a better wording than their own spelling.
_NAMED: dict[str, str | Promise] = {
    "self": gettext_lazy("own wish"),
    "general_practitioner": gettext_lazy("general practitioner"),
    "pain_clinic": gettext_lazy("pain clinic"),
    "mental_health_service": gettext_lazy("mental health service"),
    "crisis_service": gettext_lazy("crisis service"),
    "programme_completed": gettext_lazy("completed the programme"),
    "referred_on": gettext_lazy("goes on elsewhere"),
    "declined_further_care": gettext_lazy("does not want to go on"),
    "lost_contact": gettext_lazy("could not be reached any more"),
}


def named(word: str) -> str:
    """A word of a protocol (a source, a reason, a service) as a page says it."""
    return str(_NAMED.get(word, word.replace("_", " "))) if word else _("not said")
