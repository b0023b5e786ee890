"""The drafted protocol: the smallest one that `accord analyse` can run on the drafted mapping, all of it assumed."""

from __future__ import annotations

from collections.abc import Iterator

from accord.science.cohort.draft.guess import FileGuess
from accord.science.cohort.draft.scores import ScoreGuess
from accord.science.cohort.draft.times import slug
from accord.science.cohort.draft.yaml_text import comment, flow, guessed, quoted

MOST_SECONDARY = 40
FIRST = ("primary", "pain_interference", "interference", "pain")


def protocol_text(files: list[FileGuess], points: dict[str, int | None], people: int) -> str:
    """The protocol as commented YAML, loadable by `science/protocols`."""
    return "\n".join(_lines(files, points, people)) + "\n"


def _lines(files: list[FileGuess], points: dict[str, int | None], people: int) -> Iterator[str]:
    title = files[0].source.shown.rsplit(".", 1)[0]
    arms = next((file.facts for file in files if file.facts.arm), None)
    kind = "randomised" if arms else "single-arm"
    why = f"the column {arms.arm.name} reads like an arm" if arms and arms.arm else "no column reads like an arm"
    yield comment(f"A first protocol, drafted from the columns of {', '.join(file.source.shown for file in files)}.")
    yield comment(
        "Nothing in it was read anywhere: every clause is assumed. Write down what was planned, with its source."
    )
    yield f"protocol: {slug(title, fallback='study').replace('_', '-')}"
    yield "version: 1"
    yield f"title: {quoted(title)}"
    yield f"kind: {kind}  {guessed(why)}"
    yield "status: retrospective"
    yield f"summary: {quoted('Drafted from a data file; what was planned is not known.')}"
    yield "sources: {}"
    yield "assumed: all"
    yield ""
    yield "consent: {patient: {scopes: [questionnaires]}}"
    yield f"population: {flow({'target': people, 'description': 'not known', 'background': _background(files)})}"
    yield ""
    yield from _arms(files)
    yield from _schedule(files, points)
    yield "always: {patient: [safety_check]}"
    yield "safety: {ladder: service-default@2}"
    yield ""
    yield from _endpoints(files, points)
    yield from _analysis(kind)
    yield f"sample_size: {{n: {people}, reasoning: As many people as the file holds.}}"


def _background(files: list[FileGuess]) -> list[str]:
    names = [name for file in files for name in (*file.facts.fixed, *file.facts.background)]
    return [name for name in dict.fromkeys(names) if name not in ("site", "therapist", "group")]


def _arms(files: list[FileGuess]) -> Iterator[str]:
    facts = next((file.facts for file in files if file.facts.arm), None)
    yield "arms:"
    if facts is None:
        yield f"  everybody: {{label: Everybody, contact: {{mode: none}}}}  {guessed('no column of arms')}"
        yield ""
        return
    for code, arm in facts.arms.items():
        control = arm == facts.control
        told = {"label": code, "contact": {"mode": "none"}, **({"role": "active-control"} if control else {})}
        yield f"  {arm}: {flow(told)}" + (f"  {guessed(facts.control_why)}" if control else "")
    ratio = dict.fromkeys(facts.arms.values(), 1)
    yield f"allocation: {flow({'method': 'simple', 'ratio': ratio, 'conceal_until': 'not known'})}"
    yield ""


def _schedule(files: list[FileGuess], points: dict[str, int | None]) -> Iterator[str]:
    yield "schedule:"
    windows = _windows(files, points)
    for name in points:
        asked = _asked(files, name)
        known, why = windows[name]
        clause = {"anchor": "enrolment", "days": f"{known[0]}..{known[1]}", "patient": asked}
        yield f"  {name}: {flow(clause)}  {guessed(why)}"
    yield ""


def _asked(files: list[FileGuess], point: str) -> list[str]:
    found = [_instrument(score) for file in files for score in file.scores if point in score.at]
    return list(dict.fromkeys(found))


def _instrument(score: ScoreGuess) -> str:
    return score.instrument or (score.scale.ref.split(".")[0] if score.scale else "")


def _windows(files: list[FileGuess], points: dict[str, int | None]) -> dict[str, tuple[tuple[int, int], str]]:
    """Days of each time-point: as observed, as its name says, else four weeks apart."""
    spans = {name: span for file in files for name, span in file.days.span.items()}
    windows: dict[str, tuple[tuple[int, int], str]] = {}
    for place, (name, day) in enumerate(points.items()):
        if name in spans:
            windows[name] = (spans[name], "the days observed")
        elif day is not None:
            windows[name] = ((day, day + 13) if day > 0 else (day, 0), "from the name of the time-point")
        else:
            windows[name] = ((28 * place, 28 * place + 27) if place else (0, 0), "no days known: four weeks apart")
    return windows


# --- endpoints ----------------------------------------------------------------------------------------------------


def _refs(score: ScoreGuess) -> list[tuple[str, float | None]]:
    """The scales of an entry with their true zero; of a questionnaire its main one."""
    if score.scale:
        return [(score.scale.ref, score.scale.zero)]
    from accord.science.instruments import load_instrument

    main = load_instrument(score.instrument or "").main
    return [(main.ref, main.zero)] if main and main.direction != "none" else []


def outcomes(files: list[FileGuess], points: dict[str, int | None]) -> list[tuple[str, float | None, list[str]]]:
    """Scales with a baseline and a later time-point: (reference, zero, later time-points), the primary first."""
    first = next(iter(points), "baseline")
    found: dict[str, tuple[float | None, set[str]]] = {}
    for score in (score for file in files for score in file.scores):
        for ref, zero in _refs(score):
            known = found.setdefault(ref, (zero, set()))
            known[1].update(score.at)
    usable = [
        (ref, zero, [point for point in points if point in at and point != first])
        for ref, (zero, at) in found.items()
        if first in at and len(at) > 1
    ]
    return sorted(usable, key=lambda one: next((rank for rank, word in enumerate(FIRST) if word in one[0]), len(FIRST)))


def _contrasts(files: list[FileGuess]) -> dict[str, object]:
    """Each arm against the control."""
    facts = next((file.facts for file in files if file.facts.arm), None)
    if facts is None:
        return {}
    return {
        f"{arm[:28]}_v_{facts.control or ''}"[:60]: {"label": f"{arm} v. {facts.control}", "arms": [arm, facts.control]}
        for arm in facts.arms.values()
        if arm != facts.control
    }


def _endpoints(files: list[FileGuess], points: dict[str, int | None]) -> Iterator[str]:
    contrasts = _contrasts(files)
    yield "endpoints:"
    if contrasts:
        yield f"  contrasts: {flow(contrasts)}  {guessed('each arm against the control')}"
    usable = outcomes(files, points)
    if usable:
        yield from _judged(usable, list(contrasts))
    else:
        any_scale = next((ref for file in files for score in file.scores for ref, _ in _refs(score)), "none.found")
        why = guessed("nothing has a baseline and a later value")
        yield f"  primary: {flow({'scale': any_scale, 'at': next(iter(points))})}  {why}"
    yield ""


def _judged(usable: list[tuple[str, float | None, list[str]]], contrasts: list[str]) -> Iterator[str]:
    """The first outcome is the primary one, after treatment if a time-point says so, else at its last time-point."""
    ref, zero, later = usable[0]
    at = "post" if "post" in later else later[-1]
    more = {"contrasts": contrasts} if contrasts else {}
    named = any(word in ref for word in FIRST)
    why = "named like the main complaint" if named else "the first outcome with a baseline"
    yield f"  primary: {flow({'scale': ref, 'at': at, **more})}  {guessed(why)}"
    secondary = [(one, point) for one, _, points in usable for point in points if (one, point) != (ref, at)]
    if secondary:
        yield "  secondary:"
        yield from (f"    - {flow({'scale': one, 'at': point, **more})}" for one, point in secondary[:MOST_SECONDARY])
    if zero is not None:  # a share of the baseline needs a true zero
        shown: dict[str, object] = {"scale": ref, "at": at, "improved_by": "30%", "report": ["share"]}
        if contrasts:
            shown |= {"report": ["share", "nnt"], "contrast": contrasts[0]}
        yield f"  responder: {flow(shown)}  {guessed('30 % is a common rule for pain')}"


def _analysis(kind: str) -> Iterator[str]:
    trial = kind == "randomised"
    yield "analysis:"
    yield f"  populations: {flow({'itt': 'allocated'} if trial else {'enrolled': 'enrolled'})}"
    yield f"  models: {flow(['constrained-mmrm', 'ancova'] if trial else ['mmrm'])}"
    sensitivity = ["jump-to-reference", "tipping-point", "completers"] if trial else ["completers", "baseline-carried"]
    yield f"  missing: {flow({'primary': 'mar', 'sensitivity': sensitivity})}"
    yield f"  words: {'comparison' if trial else 'no-comparison'}"
    yield ""
