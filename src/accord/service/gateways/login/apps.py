from typing import Any

from django.apps import AppConfig


class LoginConfig(AppConfig):
    name = "accord.service.gateways.login"
    label = "login"

    def ready(self) -> None:
        from allauth.mfa.signals import authenticator_added

        authenticator_added.connect(_given_now, dispatch_uid="accord: a factor just set up was just shown")


def _given_now(request: Any, user: Any, authenticator: Any, **_more: Any) -> None:
    """Setting up a second factor proves it: she need not show it again in this session."""
    from allauth.account.internal.flows.login import record_authentication
    from allauth.mfa.models import Authenticator

    if authenticator.type in (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN):
        record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type)
