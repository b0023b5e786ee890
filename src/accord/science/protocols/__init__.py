"""Protocols: what a study or service promises. Load and check one; who is eligible; who is due for what and when.

Knows no data: what people answered is a cohort, what it means an analysis.
"""

from accord.science.protocols.load import load_protocol, protocol_document, protocol_hash, protocol_names
from accord.science.protocols.model import Protocol
from accord.science.protocols.occasions import Occasion, asked_at, occasions

__all__ = [
    "Occasion", "Protocol", "asked_at", "load_protocol", "occasions", "protocol_document", "protocol_hash",
    "protocol_names",
]  # fmt: skip
