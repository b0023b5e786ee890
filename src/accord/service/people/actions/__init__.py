"""Writes of this room: keyword-only, `by` and `now` are arguments, atomic, audited. One module for each story."""

from accord.service.people.actions.accounts import close_account, open_account, reopen_account
from accord.service.people.actions.answering import give_place_back, hand_over, make_accountable
from accord.service.people.actions.clinics import open_clinic, set_service_lead, update_clinic
from accord.service.people.actions.duty import end_absence, set_absence, set_duty
from accord.service.people.actions.fitness import enter_certificate, set_places, withdraw_certificate
from accord.service.people.actions.persons import CONTACT, PLACE, add_person, change_contact, change_reminders
from accord.service.people.actions.roles import end_role, give_role

__all__ = [
    "CONTACT",
    "PLACE",
    "add_person",
    "change_contact",
    "change_reminders",
    "close_account",
    "end_absence",
    "end_role",
    "enter_certificate",
    "give_place_back",
    "give_role",
    "hand_over",
    "make_accountable",
    "open_account",
    "open_clinic",
    "reopen_account",
    "set_absence",
    "set_duty",
    "set_places",
    "set_service_lead",
    "update_clinic",
    "withdraw_certificate",
]
