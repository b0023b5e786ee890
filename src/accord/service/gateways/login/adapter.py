"""How allauth makes an account of ours."""

from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):
    """E-mail and password; every message it sends is in neutral words."""
