"""How allauth behaves here: nobody opens an account at its pages, no one locks another out, its mails are neutral."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter

from accord.service.access.buckets import LOG_IN_ADDRESS, LOG_IN_NETWORK, network_of, take_token
from accord.service.errors import TooMany
from accord.service.fields.encrypted import seal, unseal

SECRETS = "mfa_authenticator|data|secret"  # what the ciphertext of a second factor's secret is bound to


class AccountAdapter(DefaultAccountAdapter):
    """E-mail and password. Accounts are opened by sign-up and referral (public portal) and by coordinators only."""

    def is_open_for_signup(self, request: Any) -> bool:
        return False

    def pre_authenticate(self, request: Any, **credentials: Any) -> None:
        """Limits guesses per network, and per address within a network: strangers' guesses lock nobody out (P21)."""
        network = network_of(request)
        address = str(credentials.get("email", "")).strip().lower()
        try:
            take_token(limit=LOG_IN_NETWORK, who=network, now=request.now)
            take_token(limit=LOG_IN_ADDRESS, who=f"{network} {address}", now=request.now)
        except TooMany as error:
            raise self.validation_error("too_many_login_attempts") from error

    def get_client_ip(self, request: Any) -> str:
        """The peer of the connection; behind a proxy the server in front of us has set it (`accord serve`)."""
        address: str = request.META.get("REMOTE_ADDR") or "0.0.0.0"  # noqa: S104 - shown in the list of sessions
        return address


class SecondFactorAdapter(DefaultMFAAdapter):
    """Secrets of one-time codes and recovery codes lie encrypted in the database (E17)."""

    def encrypt(self, text: str) -> str:
        return seal(text, SECRETS)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text, SECRETS)
