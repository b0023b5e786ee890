"""What every check gets: the file, the protocol, its occasions, and the definitions it names, looked up once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from accord.science.definitions import Document
from accord.science.errors import BadContent, Finding, NotFound
from accord.science.instruments import Instrument, Scale, load_instrument
from accord.science.protocols.model import INFORMANTS, Endpoint, Protocol
from accord.science.protocols.occasions import Occasion, occasions
from accord.science.protocols.timing import planned_window

Key = str | int
Path_ = tuple[Key, ...]


@dataclass(frozen=True)
class Context:
    """One protocol under check. Look-ups of definitions answer None for what does not exist; `names.py` reports it."""

    document: Document
    protocol: Protocol
    site: Path | None = None
    _instruments: dict[str, Instrument | None] = field(default_factory=dict, repr=False)

    @cached_property
    def all_occasions(self) -> list[Occasion]:
        return occasions(self.protocol)

    @cached_property
    def occasions(self) -> dict[str, Occasion]:
        return {occasion.name: occasion for occasion in self.all_occasions}

    def finding(self, what: str, *path: Key, cure: str = "", rule: str = "", warning: bool = False) -> Finding:
        return self.document.finding(what, *path, cure=cure, rule=rule, warning=warning)

    def instrument(self, name: str) -> Instrument | None:
        if name not in self._instruments:
            try:
                self._instruments[name] = load_instrument(name, site=self.site)
            except (NotFound, BadContent):
                self._instruments[name] = None
        return self._instruments[name]

    def scale(self, ref: str) -> Scale | None:
        name, _, scale = ref.partition(".")
        instrument = self.instrument(name)
        return instrument.scales.get(scale) if instrument else None

    def informants(self, instrument: str, occasion: str) -> list[str]:
        """Who is asked this instrument then; empty when nobody is, or there is no such occasion."""
        found = self.occasions.get(occasion)
        return [who for who in INFORMANTS if found and instrument in found.asked.get(who, ())]

    def asked_when(self, instrument: str, informant: str | None = None) -> list[Occasion]:
        """The occasions that ask an instrument, in the order of the file."""
        return [
            occasion
            for occasion in self.occasions.values()
            if any(instrument in names for who, names in occasion.asked.items() if informant in (None, who))
        ]

    def before(self, earlier: str, later: str) -> bool | None:
        """Whether one occasion is over before the other begins, in every arm that has both; None if no arm has."""
        one, other = self.occasions.get(earlier), self.occasions.get(later)
        if one is None or other is None:
            return None
        windows = [(planned_window(self.protocol, one, a), planned_window(self.protocol, other, a)) for a in self.arms]
        pairs = [(a, b) for a, b in windows if a is not None and b is not None]
        return all(a.last < b.first for a, b in pairs) if pairs else None

    @property
    def retrospective(self) -> bool:
        """It judges data that exist: nobody is asked anything, and a mapping may declare scales inline (E8)."""
        return self.protocol.status == "retrospective"

    @property
    def arms(self) -> list[str]:
        return list(self.protocol.arms)

    @property
    def judged(self) -> list[tuple[Path_, Endpoint]]:
        """The endpoints, primary first, each with its place."""
        ends = self.protocol.endpoints
        return [
            (("endpoints", "primary"), ends.primary),
            *((("endpoints", "key", index), endpoint) for index, endpoint in enumerate(ends.key)),
            *((("endpoints", "secondary", index), endpoint) for index, endpoint in enumerate(ends.secondary)),
        ]

    @cached_property
    def endpoint_uses(self) -> list[tuple[Path_, str, str, str | None]]:
        """Every (place, scale, time-point, informant or None) that an endpoint, rule or share needs answered."""
        return list(_endpoint_uses(self.protocol))


def _endpoint_uses(protocol: Protocol) -> Iterator[tuple[Path_, str, str, str | None]]:
    ends = protocol.endpoints
    yield ("endpoints", "primary"), ends.primary.scale, ends.primary.at, None
    for part in ("key", "secondary", "variance"):
        for index, use in enumerate(getattr(ends, part)):
            yield ("endpoints", part, index), use.scale, use.at, None
    if ends.responder:
        yield ("endpoints", "responder"), ends.responder.scale, ends.responder.at, None
    if ends.mechanism:
        here: Path_ = ("endpoints", "mechanism")
        yield (*here, "outcome"), ends.mechanism.outcome, ends.mechanism.outcome_at, None
        for mediator in ends.mechanism.mediators:
            yield (*here, "mediators"), mediator, ends.mechanism.mediators_at, None
    for name, association in ends.associations.items():
        here = ("endpoints", "associations", name)
        for at in association.predictor_at:
            if not association.predictor.startswith("synchrony:"):
                yield (*here, "predictor"), association.predictor, at, association.informant
        for at in association.outcome_at:
            yield (*here, "outcome"), association.outcome, at, None
