"""The methods by name: one signature, one dict."""

from __future__ import annotations

from accord.science.synchrony.amico import AMICO
from accord.science.synchrony.coherence import COHERENCE
from accord.science.synchrony.picking import PEAKS
from accord.science.synchrony.scores import Method
from accord.science.synchrony.slopes import MARCI, SUCO
from accord.science.synchrony.susy import SUSY
from accord.science.synchrony.wlcc import WLCC

METHODS: dict[str, Method] = {method.name: method for method in (WLCC, SUSY, SUCO, MARCI, COHERENCE, AMICO, PEAKS)}
