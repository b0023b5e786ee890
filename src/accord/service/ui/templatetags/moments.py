"""`{% moment at %}` and `{% ago at %}`: words for a moment, from the page's `zone` and `now`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template

from accord.service.ui.moments import said, since

register = template.Library()


@register.simple_tag(takes_context=True)
def moment(context: Any, at: datetime | None) -> str:
    """The moment in the page's zone; a dash for none."""
    return said(at, context["zone"], context["now"]) if at else "–"


@register.simple_tag(takes_context=True)
def ago(context: Any, at: datetime | None) -> str:
    """How long ago; a dash for never."""
    return since(at, context["now"]) if at else "–"
