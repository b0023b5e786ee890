"""The sealed secret of an allocation (C23): seed, block sizes and the order of the strata; and its commitment.

The commitment is published before the first person is allocated, the secret when the trial is closed: anybody can
then recompute the hash and replay every arm. The seed has 256 bits, so the hash gives nothing away before.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from accord.science.errors import BadInput
from accord.science.protocols.model import Allocation

_SEED_BYTES = 32
_RESOLUTION = 2**53


@dataclass(frozen=True, slots=True)
class Secret:
    """What must stay sealed: never logged, never shown (`repr` hides it), never part of a protocol.

    `seed` is 64 hexadecimal digits; `block_sizes` are in people, each a multiple of the sum of the ratio (empty where
    the method has no blocks); `strata_order` is the order in which the levels of a person are joined to one stratum.
    """

    seed: str = field(repr=False)
    block_sizes: tuple[int, ...] = field(default=(), repr=False)
    strata_order: tuple[str, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        if len(self.seed) != 2 * _SEED_BYTES or not set(self.seed) <= set("0123456789abcdef"):
            raise BadInput(
                "The seed of an allocation secret is not 64 hexadecimal digits in small letters.",
                cure="Make the secret with new_secret.",
            )

    def to_json(self) -> str:
        """The one spelling that is hashed and stored: keys in alphabetical order, no spaces."""
        return _canonical(
            {"block_sizes": list(self.block_sizes), "seed": self.seed, "strata_order": list(self.strata_order)}
        )

    @classmethod
    def from_json(cls, text: str) -> Secret:
        """The secret as stored. Raises BadInput when it is not one."""
        try:
            data = json.loads(text)
            sizes = tuple(int(size) for size in data["block_sizes"])
            return cls(str(data["seed"]), sizes, tuple(str(name) for name in data["strata_order"]))
        except (ValueError, KeyError, TypeError):
            raise BadInput("This is not an allocation secret.", cure="Use the text that to_json gave.") from None

    def uniform(self, *labels: str | int) -> float:
        """A number in [0, 1) that belongs to these labels: the first 53 bits of HMAC-SHA-256(seed, labels as JSON)."""
        message = json.dumps(labels, separators=(",", ":"), ensure_ascii=False).encode()
        digest = hmac.digest(bytes.fromhex(self.seed), message, "sha256")
        return (int.from_bytes(digest[:8], "big") >> 11) / _RESOLUTION

    def shuffled(self, items: Sequence[str], *labels: str | int) -> list[str]:
        """The items in an order that belongs to these labels: sorted by a uniform number for each position."""
        keys = [self.uniform(*labels, position) for position in range(len(items))]
        return [items[position] for position in sorted(range(len(items)), key=keys.__getitem__)]


def new_secret(clause: Allocation, *, entropy: bytes, block_sizes: Sequence[int] = ()) -> Secret:
    """A secret for a trial. The caller brings at least 32 random bytes from the operating system.

    Block sizes, where none are given, are two to four times the ratio's sum (4, 6 and 8 for 1:1; from 3 arms on one to
    three times), so that no size makes the last place certain as often as blocks of two would.
    """
    if len(entropy) < _SEED_BYTES:
        raise BadInput(
            f"A secret needs {_SEED_BYTES} random bytes, found {len(entropy)}.", cure="secrets.token_bytes(32)"
        )
    seed = hashlib.sha256(entropy).hexdigest()
    total = sum(clause.ratio.values())
    sizes = tuple(block_sizes) or tuple(total * times for times in ((2, 3, 4) if len(clause.ratio) < 3 else (1, 2, 3)))
    if wrong := [size for size in sizes if size < total or size % total]:
        raise BadInput(
            f"Block size {wrong[0]} does not hold the ratio {':'.join(str(r) for r in clause.ratio.values())}.",
            cure=f"Use multiples of {total}.",
        )
    blocks = sizes if clause.method == "permuted-blocks" else ()
    names = sorted(clause.strata)
    secret = Secret(seed, blocks, ())
    return Secret(seed, blocks, tuple(secret.shuffled(names, "strata")))


def commitment(clause: Allocation, secret: Secret) -> str:
    """SHA-256 over the allocation clause and the secret: algorithm, ratio and seed can no longer be changed (C30)."""
    public = clause.model_dump(exclude={"source", "assumed"}, mode="json")
    return hashlib.sha256((_canonical(public) + "\n" + secret.to_json()).encode()).hexdigest()


def _canonical(data: object) -> str:
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
