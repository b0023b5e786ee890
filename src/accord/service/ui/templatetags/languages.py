"""`{{ person.language|language }}`: a language by its name; the code stands in the record, not on a page."""

from __future__ import annotations

from django import template
from django.utils.translation import get_language_info

register = template.Library()


@register.filter
def language(code: str) -> str:
    """`English` for `en` and `en-GB`; a code that nobody knows as it is."""
    try:
        return str(get_language_info(code)["name_translated"])
    except KeyError:
        return code
