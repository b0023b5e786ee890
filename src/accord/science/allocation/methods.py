"""The methods of allocation: simple, permuted blocks (also stratified), minimisation. One signature, one dict.

A factorial trial allocates its cells, which are its arms; an unequal ratio is part of the clause. Each method reads
the counts of the history and draws from the secret; none keeps a state of its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from accord.science.allocation.batches import redraw_batches
from accord.science.allocation.secret import Secret
from accord.science.allocation.tally import Allocated, Draw, Levels, Tally, tally_of
from accord.science.errors import BadInput
from accord.science.protocols.model import Allocation

RANDOM_ELEMENT = 0.8  # the largest that C30 allows; used where the protocol names none

Method = Callable[[Tally, Secret, Levels], Draw]


def allocate(clause: Allocation, *, secret: Secret, history: Sequence[Allocated], person: Levels) -> Draw:
    """The arm of the next person.

    `history` holds everybody allocated before, in order; `person` the levels of the factors that the clause names.
    Deterministic: the same clause, secret, history and person give the same arm. Raises BadInput for a person without
    a level that is needed, a history with an unknown arm, or a secret that belongs to another clause.
    """
    _check(clause, secret)
    return METHODS[clause.method](tally_of(clause, secret.strata_order, history), secret, person)


def allocate_all(
    clause: Allocation, *, secret: Secret, people: Iterable[Levels], history: Sequence[Allocated] = ()
) -> list[Draw]:
    """The same for many people one after the other, each seeing those before; counts are kept, not redone."""
    _check(clause, secret)
    tally = tally_of(clause, secret.strata_order, history)
    draws = []
    for person in people:
        draw = METHODS[clause.method](tally, secret, person)
        tally.count(person, draw.arm)
        draws.append(draw)
    return draws


def simple(tally: Tally, secret: Secret, person: Levels) -> Draw:
    """Each arm with its share of the ratio, whatever came before."""
    chances = _shares(tally.clause.ratio)
    arm = _pick(chances, secret.uniform("simple", tally.total))
    return Draw(arm, tally.stratum(person), "simple", chances)


def permuted_blocks(tally: Tally, secret: Secret, person: Levels) -> Draw:
    """The next place in the list of the person's stratum, which is made of shuffled blocks of varying, sealed size."""
    stratum = tally.stratum(person)
    place = tally.in_stratum[stratum]
    drawn = tally.lists.setdefault(stratum, [])
    while len(drawn) <= place:
        drawn += _block(tally.clause.ratio, secret, stratum, tally.blocks[stratum])
        tally.blocks[stratum] += 1
    return Draw(drawn[place], stratum, "permuted-blocks")


def _block(ratio: Mapping[str, int], secret: Secret, stratum: str, number: int) -> list[str]:
    sizes = secret.block_sizes
    size = sizes[int(secret.uniform("size", stratum, number) * len(sizes))]
    times = size // sum(ratio.values())
    arms = [arm for arm, parts in ratio.items() for _ in range(parts * times)]
    return secret.shuffled(arms, "block", stratum, number)


def minimisation(tally: Tally, secret: Secret, person: Levels) -> Draw:
    """Pocock and Simon (1975): prefer the arm that leaves the margins most even, and follow it with probability p.

    For each arm k: what the counts at this person's levels would be with her in k, divided by the ratio; their variance
    over arms, summed over the factors. With two equal arms this is the order of Taves' marginal totals. The least is
    preferred; of those that tie each is preferred with its share of their ratio. With unequal ratios the preferred arm
    k is followed with 1 − (1 − p)(R − r_k)/(R − r_max) and the rest shared by the ratio, which keeps the overall ratio
    (the biased-coin form of Han, Enas and McEntegart 2009; derivation in docs/reference/allocation.md).
    """
    ratio = tally.clause.ratio
    imbalance = {arm: _imbalance(tally.margins_of(person), ratio, arm) for arm in ratio}
    least = min(imbalance.values())
    preferred = [arm for arm in ratio if imbalance[arm] == least]
    weights = _shares({arm: ratio[arm] for arm in preferred})
    chances = dict.fromkeys(ratio, 0.0)
    for first in preferred:
        for arm, chance in _coin(ratio, first, _random_element(tally.clause)).items():
            chances[arm] += weights[first] * chance
    arm = _pick(chances, secret.uniform("minimisation", tally.stratum(person), tally.total))
    return Draw(arm, tally.stratum(person), "minimisation", chances)


def _imbalance(margins: list[dict[str, int]], ratio: Mapping[str, int], arm: str) -> int:
    """Sum over margins of the variance over arms of count/ratio, with one more in `arm`; whole numbers keep ties."""
    common = math.lcm(*ratio.values())
    total = 0
    for margin in margins:
        scaled = [(count + (name == arm)) * (common // ratio[name]) for name, count in margin.items()]
        total += len(scaled) * sum(value * value for value in scaled) - sum(scaled) ** 2
    return total


def _coin(ratio: Mapping[str, int], preferred: str, p: float) -> dict[str, float]:
    whole, largest = sum(ratio.values()), max(ratio.values())
    against = (1 - p) * (whole - ratio[preferred]) / (whole - largest)
    others = {arm: against * parts / (whole - ratio[preferred]) for arm, parts in ratio.items()}
    return {**others, preferred: 1 - against}


METHODS: dict[str, Method] = {
    "simple": simple,
    "permuted-blocks": permuted_blocks,
    "minimisation": minimisation,
}


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A person whose recorded arm is not the one that the method gives at that place."""

    number: int  # from 1
    recorded: str
    drawn: str


def replay(clause: Allocation, *, secret: Secret, history: Sequence[Allocated]) -> list[Mismatch]:
    """Draw a whole history again, each person after those recorded before; empty when every arm agrees."""
    _check(clause, secret)
    tally = tally_of(clause, secret.strata_order, ())
    batched = redraw_batches(clause, secret, history)
    wrong = []
    for number, person in enumerate(history):
        drawn = batched.get(number) or METHODS[clause.method](tally, secret, person.levels).arm
        if drawn != person.arm:
            wrong.append(Mismatch(number + 1, person.arm, drawn))
        tally.count(person.levels, person.arm)
    return wrong


def _check(clause: Allocation, secret: Secret) -> None:
    if clause.method == "permuted-blocks" and not secret.block_sizes:
        raise BadInput("The secret holds no block sizes.", cure="Make the secret with new_secret for this clause.")
    whole = sum(clause.ratio.values())
    if wrong := [size for size in secret.block_sizes if size < whole or size % whole]:
        raise BadInput(f"Block size {wrong[0]} does not hold the ratio.", cure=f"Use multiples of {whole}.")
    if clause.method == "minimisation" and max(clause.ratio.values()) / whole >= _random_element(clause):
        raise BadInput(
            "Minimisation cannot keep a ratio whose largest share is above the random element.",
            cure="Use permuted blocks, or a ratio nearer to equal.",
        )


def _random_element(clause: Allocation) -> float:
    return clause.random_element if clause.random_element is not None else RANDOM_ELEMENT


def _shares(ratio: Mapping[str, int]) -> dict[str, float]:
    whole = sum(ratio.values())
    return {arm: parts / whole for arm, parts in ratio.items()}


def _pick(chances: Mapping[str, float], at: float) -> str:
    reached = 0.0
    for arm, chance in chances.items():
        reached += chance
        if at < reached:
            return arm
    return next(reversed(list(chances)))  # the sum may fall short of 1 by rounding
