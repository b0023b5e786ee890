"""The methods by name: one signature, one dict."""

from __future__ import annotations

from accord.science.synchrony.scores import Method
from accord.science.synchrony.wlcc import WLCC

METHODS: dict[str, Method] = {method.name: method for method in (WLCC,)}
