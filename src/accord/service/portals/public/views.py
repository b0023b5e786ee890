"""Everybody's pages: what this is, how to come in, how to send somebody, the link that confirms."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from accord.science.errors import NotFound
from accord.service.access.buckets import MAIL, REFERRAL, SIGN_UP, network_of, take_token
from accord.service.access.guard import Asked, open_page
from accord.service.access.table import Role
from accord.service.episodes.queries import referral_by_token
from accord.service.flows.confirm_referral import confirm_referral
from accord.service.flows.refer_person import refer_person
from accord.service.flows.sign_up import sign_up as sign_up_flow
from accord.service.gateways.login.entry import let_in, password_faults
from accord.service.library.queries import text
from accord.service.people.queries import clinics

LONGEST = {"email": 200, "name": 200, "phone": 40, "note": 2000}
SOURCES = {
    "general_practitioner": gettext_lazy("A general practice"),
    "pain_clinic": gettext_lazy("A pain clinic"),
    "mental_health_service": gettext_lazy("A mental health service"),
}


@open_page
@require_GET
def front(request: Asked) -> HttpResponse:
    """The first page; who is logged in goes on to her own."""
    asker = request.asker
    if asker.holds(Role.PATIENT, Role.APPLICANT):
        return redirect("patient:today")
    if asker.holds(Role.THERAPIST, Role.FACILITATOR, Role.SUPERVISOR, Role.DUTY_CLINICIAN):
        return redirect("therapist:caseload")
    if asker.holds(Role.COORDINATOR):
        return redirect("coordinator:referrals")
    if asker.holds(Role.MANAGER):
        return redirect("manager:numbers")
    if asker.holds(Role.RESEARCHER, Role.STATISTICIAN, Role.DATA_MANAGER):
        return redirect("research:protocols")
    if asker.holds(Role.OPERATOR):
        return redirect("operator:settings")
    return render(request, "public/front.html")


@open_page
@require_GET
def about(request: Asked) -> HttpResponse:
    try:
        said = text("about")
    except NotFound:
        said = None
    return render(request, "public/about.html", {"text": said})


@open_page
@require_http_methods(["GET", "POST"])
def sign_up(request: Asked) -> HttpResponse:
    """Somebody comes by herself: one address, and the same answer for every one."""
    places = clinics()
    given = _given(request, "email")
    faults: dict[str, str] = {}
    if request.method == "POST":
        faults = _faults(given, "email")
        clinic = _chosen(places, request.POST.get("clinic", ""))
        if clinic is None:
            faults["clinic"] = _("Choose the clinic that you want to come to.")
        if not faults and clinic is not None:
            _count(request, given["email"], SIGN_UP)
            sign_up_flow(email=given["email"], clinic=clinic, now=request.now)
            return redirect("public:sent")
    context = {"clinics": places, "given": given, "faults": faults}
    return render(request, "public/sign-up.html", context, status=400 if faults else 200)


@open_page
@require_http_methods(["GET", "POST"])
def refer(request: Asked) -> HttpResponse:
    """A professional sends somebody; she herself confirms it."""
    places = clinics()
    given = _given(request, "email", "name", "phone", "note")
    source = request.POST.get("source", "")
    faults: dict[str, str] = {}
    if request.method == "POST":
        faults = _faults(given, "email")
        clinic = _chosen(places, request.POST.get("clinic", ""))
        if clinic is None:
            faults["clinic"] = _("Choose the clinic.")
        if source not in SOURCES:
            faults["source"] = _("Choose where the referral comes from.")
        if not faults and clinic is not None:
            _count(request, given["email"], REFERRAL)
            refer_person(**given, source=source, clinic=clinic, now=request.now)
            return redirect("public:referred")
    context = {"clinics": places, "given": given, "faults": faults, "sources": SOURCES, "source": source}
    return render(request, "public/refer.html", context, status=400 if faults else 200)


@open_page
@require_GET
def sent(request: Asked) -> HttpResponse:
    return render(request, "public/sent.html")


@open_page
@require_GET
def referred(request: Asked) -> HttpResponse:
    return render(request, "public/referred.html")


@sensitive_post_parameters("password")
@open_page
@require_http_methods(["GET", "POST"])
def confirm(request: Asked, token: str) -> HttpResponse:
    """The link of the mail: opening it changes nothing (mail programs open links too); a password confirms it."""
    referral = referral_by_token(token, request.now)
    if referral.confirmed_at is not None:
        return render(request, "public/confirmed-before.html", status=409)
    faults: list[str] = []
    if request.method == "POST":
        password = request.POST.get("password", "")
        faults = [_("The password holds a character that cannot be used.")] if "\0" in password else []
        faults = faults or password_faults(password[:1000])
        if not faults:
            account = confirm_referral(token=token, password=password[:1000], now=request.now)
            let_in(request, account.person_id, how="link")
            return redirect("patient:today")
    context = {"faults": faults, "clinic": referral.clinic}
    response = render(request, "public/confirm.html", context, status=400 if faults else 200)
    response["Referrer-Policy"] = "no-referrer"  # the link is a secret until it is used
    return response


def _given(request: HttpRequest, *names: str) -> dict[str, str]:
    return {name: request.POST.get(name, "").strip() for name in names}


def _faults(given: dict[str, str], needed: str) -> dict[str, str]:
    """What is wrong with each field, in words; what was typed stays on the page."""
    faults = {}
    for name, value in given.items():
        if "\0" in value:
            given[name] = value.replace("\0", "")
            faults[name] = _("This held a character that cannot be stored. We took it out; please look once more.")
        elif len(value) > LONGEST[name]:
            given[name] = value[: LONGEST[name]]
            said = {"found": f"{len(value):,}", "limit": f"{LONGEST[name]:,}"}
            faults[name] = _("This has %(found)s characters; up to %(limit)s can be kept.") % said
    try:
        validate_email(given[needed])
    except ValidationError:
        faults.setdefault(needed, _("Write an e-mail address, such as name@example.org."))
    return faults


def _chosen(places: list[Any], wanted: str) -> Any:
    if len(places) == 1:
        return places[0]
    return next((clinic for clinic in places if str(clinic.pk) == wanted), None)


def _count(request: Asked, email: str, limit: Any) -> None:
    take_token(limit=limit, who=network_of(request), now=request.now)
    take_token(limit=MAIL, who=email.lower(), now=request.now)
