"""What the report rests on: absent and further measures, the cohort and its protocol, and the sources."""

from __future__ import annotations

from accord.science.analyses.benchmark import own_programme
from accord.science.analyses.parts import Part, part
from accord.science.analyses.plan import known_scale, spoken
from accord.science.analyses.result import Block, Caution, Cell, Table, Text
from accord.science.analyses.service.parts import absent_of_service
from accord.science.analyses.study import Study
from accord.science.analyses.wording import INVENTED

_READ = {"full": "read in full", "abstract": "abstract read", "excerpt": "excerpt read", "not read": "not read"}
_ORIGIN = {"real": "exported from a service", "mapped": "mapped from a file", "simulated": "invented by the simulator"}


def measures_part(study: Study) -> Part:
    """What the protocol names and the cohort lacks, and what the cohort holds beyond it (E8)."""
    absent, also = (*study.plan.absent, *absent_of_service(study)), _also(study)
    if not absent and not also:
        return Part()
    rows: tuple[tuple[Cell, ...], ...] = tuple((one.what, one.why) for one in absent)
    blocks: list[Block | None] = [
        Table("absent", "Named by the protocol and absent here", ("What", "Why"), rows) if rows else None,
        Table("also_measured", "Also measured", ("Scale", "Time-points", "Values"), also,
              "Not outcomes of this protocol; nothing is estimated on them here.") if also else None,
    ]  # fmt: skip
    return part("measures", "Absent, and also measured", blocks)


def _also(study: Study) -> tuple[tuple[Cell, ...], ...]:
    counts: dict[str, tuple[list[str], int]] = {}
    for asking, values in study.scores.counts.items():
        if asking.scale in study.plan.also:
            times, n = counts.get(asking.scale, ([], 0))
            counts[asking.scale] = (times if asking.at in times else [*times, asking.at], n + values)
    order = {occasion.name: k for k, occasion in enumerate(study.plan.occasions)}
    found: list[tuple[Cell, ...]] = []
    for scale, (times, n) in counts.items():
        facts = known_scale(study.cohort, scale)
        label = f"{facts.label} ({scale})" if facts else scale
        ordered = sorted(times, key=lambda at: (order.get(at, len(order)), at))
        shown = ordered if len(ordered) <= 4 else [*ordered[:2], f"… {len(ordered) - 3} more …", ordered[-1]]
        found.append((label, ", ".join(spoken(at) for at in shown), n))
    return tuple(found)


def sources_part(study: Study, protocol_hash: str) -> Part:
    """Where cohort, protocol and claims come from."""
    manifest = study.cohort.manifest
    made = f", made on {manifest.made_on}" if manifest.made_on else ""
    seed = f", seed {manifest.seed}" if manifest.seed is not None else ""
    origin = f"Cohort: {manifest.title} ({_ORIGIN[manifest.origin]}{seed}{made}; {manifest.program})."
    made_from = f" Made from {', '.join(manifest.made_from)}." if manifest.made_from else ""
    licence = f" Licence: {manifest.licence}." if manifest.licence else ""
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (source.citation, source.doi or "", _READ[source.read], source.note)
        for source in study.protocol.sources.values()
    )
    programme = own_programme(study)
    blocks: list[Block | None] = [
        Caution(INVENTED) if manifest.invented else None, Text(origin + made_from + licence),
        mismatch(study, protocol_hash), _assumed(study), Caution(programme) if programme else None,
        Text(f"Sample size: {study.protocol.sample_size.n:,} people. {study.protocol.sample_size.reasoning}"),
        Table("sources", "Sources", ("Source", "doi", "Read", "Note"), rows) if rows else None, _scales(study),
    ]  # fmt: skip
    return part("sources", "What this rests on", blocks)


def mismatch(study: Study, protocol_hash: str) -> Block | None:
    """A cohort that was made under another text of the protocol is analysed, and the report says so."""
    manifest, slug = study.cohort.manifest, study.protocol.slug
    if manifest.protocol is not None and manifest.protocol != slug:
        return Caution(f"This cohort was made for the protocol '{manifest.protocol}' and is judged here by '{slug}'.")
    if manifest.protocol_hash and protocol_hash and manifest.protocol_hash != protocol_hash:
        versions = ""
        if manifest.protocol_version is not None:
            versions = f" (version {manifest.protocol_version} then, {study.protocol.version} now)"
        return Caution(
            f"The text of the protocol has changed since this cohort was made{versions}: the analysis follows the text "
            f"of now ({protocol_hash[:12]}), the cohort followed {manifest.protocol_hash[:12]}."
        )
    return None


def _assumed(study: Study) -> Block | None:
    if study.protocol.status == "signed":
        return None
    return Text("The protocol is a draft; what in it is assumed and what has a source is printed by `protocols show`.")


def _scales(study: Study) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for outcome in study.plan.outcomes:
        f = outcome.facts
        better = "higher is better" if f.sign > 0 else "higher is worse"
        zero = f"{f.zero:g}" if f.zero is not None else "none"
        rows.append((f.label, f.ref, f"{f.minimum:g} to {f.maximum:g}", better, zero, outcome.informant, f.source))
    columns = ("Outcome", "Id", "Range", "Direction", "True zero", "Answered by", "Source")
    return Table("scales", "The scales", columns, tuple(rows))
