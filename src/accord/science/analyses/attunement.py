"""A whole study measured: every recorded session of every pair, against chance, into the cohort's table `synchrony`.

Two passes, each over any executor: first the two recordings of each session are brought to one grid; then each session
is measured against surrogates. Chance is other sessions where there are enough of them (C25), because these keep
what all sessions have in common (settling down, talking by turns), which shuffling within one recording does not:

    pseudo-sessions   other sessions of the same pair, where these give 39 surrogates or more (7 sessions)
    pseudo-dyads      people who never met, where there are 10 pairs or more
    pseudo-sessions   where there are 3 sessions or more
    circular-shift    otherwise, said with its caution

39 is what a two-sided p of .05 needs. One bad recording costs its own session and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.science.analyses.attunement_bodies import FASTEST, MAIN, RATE, Together, brought_together
from accord.science.analyses.attunement_index import Meeting, Source
from accord.science.analyses.attunement_journal import Journal, fingerprint, of_files
from accord.science.errors import AccordError, BadInput, NotFound
from accord.science.signals import Recording, read_recording
from accord.science.synchrony import METHODS, SURROGATES, synchrony

Array = NDArray[np.float64]
FEWEST_DRAWN = 39
FEWEST_DYADS = 10
FEWEST_SESSIONS = 3
MOST_OTHERS = 100  # pairs that pseudo-dyads are drawn from
LEAST_QUALITY = 0.5
IN_FLIGHT = 64  # tasks that an executor holds at once
WHO = ("patient", "therapist")


@dataclass(frozen=True, slots=True)
class AttunementPlan:
    """How a study is measured. `signals` empty: all that are listed. `surrogate` None: by the rule of this module."""

    method: str = "wlcc"
    window: float | None = None
    step: float | None = None
    max_lag: float | None = None
    rate_hz: float = RATE
    absolute: bool = False
    surrogate: str | None = None
    surrogates: int = 199
    seed: int = 1
    signals: tuple[str, ...] = ()

    def checked(self) -> AttunementPlan:
        """This plan, or BadInput or NotFound with what cannot be."""
        if self.method not in METHODS:
            raise NotFound(f"There is no method '{self.method}'.", cure=f"There are: {', '.join(METHODS)}.")
        if self.surrogate is not None and self.surrogate not in SURROGATES:
            raise NotFound(f"There is no surrogate '{self.surrogate}'.", cure=f"There are: {', '.join(SURROGATES)}.")
        if self.surrogates < 2:
            raise BadInput(f"{self.surrogates} surrogates say nothing.", cure="Take 199, or at least 39.")
        if not 0 < self.rate_hz <= FASTEST:
            raise BadInput(f"The grid has {self.rate_hz:g} Hz.", cure=f"Take up to {FASTEST:g} Hz; 4 is usual.")
        return self


@dataclass(frozen=True, slots=True)
class Measured:
    """One session with one signal: its row of the table, or why there is none. `bug`: an error nobody foresaw."""

    meeting: Meeting
    row: dict[str, Any] | None
    odd: float | None = None  # the index over every other stretch of the session
    even: float | None = None
    problem: str = ""
    cure: str = ""
    bug: bool = False


Progress = Callable[[str, int, int], None]


def measure_study(
    meetings: Sequence[Meeting], plan: AttunementPlan, work: Path, *, executor: Executor | None = None,
    progress: Progress = lambda words, done, of: None,
) -> list[Measured]:  # fmt: skip
    """Every meeting, in the order given. The numbers do not depend on the executor.

    `work` keeps what was done (`journal.jsonl`, `courses/`): the same call takes up where the last one stopped.
    `executor` is anything of concurrent.futures' kind (processes, threads, Dask's); None works here. `progress` hears
    (what is done, how many are done, of how many). Raises NotFound when no listed recording has one of `plan.signals`.
    """
    plan.checked()
    chosen = _chosen(meetings, plan)
    courses = work / "courses"
    courses.mkdir(parents=True, exist_ok=True)
    with Journal(work) as journal:
        jobs = {m.key: _bring_job(m, plan, courses) for m in chosen}
        brought = _done(jobs, journal, executor, lambda done: progress("reading", done, len(jobs)))
        usable = {m.key: m for m in chosen if not brought[m.key].get("problem")}
        drawn = {key: _chance(m, usable, plan) for key, m in usable.items()}
        paths = {key: job.result for key, job in jobs.items() if job.result is not None}
        measure = {key: _measure_job(key, drawn[key], paths, brought[key], plan) for key in usable}
        found = _done(measure, journal, executor, lambda done: progress("measuring", done, len(measure)))
    return [_measured(m, brought[m.key], found.get(m.key)) for m in chosen]


def _chosen(meetings: Sequence[Meeting], plan: AttunementPlan) -> list[Meeting]:
    wanted = {name.lower().replace("-", "_") for name in plan.signals}
    there = {m.signal for m in meetings}
    if wanted - there:
        lacking = sorted(wanted - there)[0]
        raise NotFound(f"No recording of '{lacking}' is listed.", cure=f"There are: {', '.join(sorted(there))}.")
    return [m for m in meetings if not wanted or m.signal in wanted]


def _measured(meeting: Meeting, brought: dict[str, Any], found: dict[str, Any] | None) -> Measured:
    last = found if found is not None else brought
    if last.get("problem"):
        return Measured(meeting, None, None, None, last["problem"], last.get("cure", ""), bool(last.get("bug")))
    return Measured(meeting, last["row"], last["odd"], last["even"])


# --- the two kinds of task ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Job:
    """A task that an executor can take anywhere: a function of this module and plain values."""

    fingerprint: str
    run: Callable[..., dict[str, Any]]
    arguments: tuple[Any, ...]
    result: Path | None = None  # a file that must still be there for the journal to count


def _bring_job(meeting: Meeting, plan: AttunementPlan, courses: Path) -> Job:
    sources = [one for one in (meeting.patient, meeting.therapist) if one is not None]
    said = [{k: str(v) for k, v in asdict(one).items() if k not in ("file", "row")} for one in sources]
    mark = fingerprint("bring", said, of_files(one.file for one in sources), plan.rate_hz)
    path = courses / f"{mark}.npz"
    return Job(mark, bring, (meeting, plan.rate_hz, path), path)


def bring(meeting: Meeting, rate_hz: float, path: Path) -> dict[str, Any]:
    """Both bodies on one grid, saved at `path`; facts about them."""
    patient, therapist = _recorded(meeting.patient, "patient"), _recorded(meeting.therapist, "therapist")
    together = brought_together(
        _read(patient), _read(therapist), rate_hz=rate_hz, phases=patient.phases, align=patient.align,
        clock_error_s=patient.clock_error_s,
    ).part(MAIN)  # fmt: skip
    if together.usable < LEAST_QUALITY:
        what = f"only {100 * together.usable:.0f} % of the session is usable in both bodies."
        raise BadInput(what, cure=f"At least {100 * LEAST_QUALITY:.0f} % are needed: leave this session out.")
    _save(path, together)
    return {"usable": together.usable, "clock_s": together.clock_s, "notes": list(together.notes)}


def _recorded(source: Source | None, who: str) -> Source:
    if source is None:
        raise BadInput(f"the {who} was not recorded.", cure="A session needs both bodies: leave it out.")
    return source


def _read(source: Source) -> Recording:
    found = read_recording(
        source.file, signal=source.signal.replace("_", "-"), column=source.column, time=source.time,
        time_unit=source.time_unit, rate_hz=source.rate_hz, who=source.who, unit=source.unit,
    )  # fmt: skip
    return found.shifted(source.offset_s) if source.offset_s else found


def _save(path: Path, together: Together) -> None:
    part = path.with_name(f".{path.name}.part.npz")
    np.savez(part, first=together.first, second=together.second)
    part.replace(path)


def _chance(meeting: Meeting, usable: Mapping[str, Meeting], plan: AttunementPlan) -> tuple[str, list[str]]:
    """Which surrogates, and the keys of the sessions they are made of."""
    alike = [m for m in usable.values() if m.signal == meeting.signal and m.key != meeting.key]
    own = [m.key for m in alike if m.participant == meeting.participant]
    strangers = _strangers(meeting, alike, plan)
    kind = plan.surrogate or _kind(len(own) + 1, len(strangers) + 1)
    if kind == "pseudo-sessions":
        return kind, own
    return (kind, strangers) if kind == "pseudo-dyads" else (kind, [])


def _kind(sessions: int, dyads: int) -> str:
    if sessions * (sessions - 1) >= FEWEST_DRAWN:
        return "pseudo-sessions"
    if dyads >= FEWEST_DYADS:
        return "pseudo-dyads"
    return "pseudo-sessions" if sessions >= FEWEST_SESSIONS else "circular-shift"


def _strangers(meeting: Meeting, alike: Sequence[Meeting], plan: AttunementPlan) -> list[str]:
    """One session of each other pair: the same one where it has it. At most MOST_OTHERS, drawn by the seed."""
    found: dict[str, Meeting] = {}
    for other in alike:
        if other.participant == meeting.participant:
            continue
        if other.participant not in found or other.at == meeting.at:
            found[other.participant] = other
    keys = sorted(m.key for m in found.values())
    if len(keys) > MOST_OTHERS:
        mark = int(fingerprint(meeting.key, plan.seed), 16)
        keys = [keys[k] for k in sorted(np.random.default_rng(mark).permutation(len(keys))[:MOST_OTHERS])]
    return keys


def _measure_job(
    key: str, chance: tuple[str, list[str]], paths: Mapping[str, Path], facts: dict[str, Any], plan: AttunementPlan
) -> Job:
    kind, others = chance
    partners = [paths[other] for other in others]
    asked = asdict(replace(plan, signals=()))
    mark = fingerprint("measure", paths[key].name, [path.name for path in partners], kind, asked)
    return Job(mark, measured, (paths[key], partners, kind, plan, facts))


def measured(
    own: Path, others: Sequence[Path], kind: str, plan: AttunementPlan, facts: dict[str, Any]
) -> dict[str, Any]:
    """The row of one session."""
    first, second = _load(own)
    found = synchrony(
        first, second, rate_hz=plan.rate_hz, method=plan.method, window=plan.window, step=plan.step,
        max_lag=plan.max_lag, absolute=plan.absolute, surrogate=kind, surrogates=plan.surrogates, seed=plan.seed,
        others=[_load(path) for path in others], who=WHO, clock_s=facts["clock_s"],
    )  # fmt: skip
    row = {
        "value": found.synchrony, "surrogate_mean": found.surrogate_mean, "surrogate_sd": found.surrogate_sd,
        "effect_size": found.effect_size, "p": found.p, "peak_lag_s": found.peak_lag_s, "leader": found.leader,
        "windows": found.n_windows, "quality": min(found.quality, facts["usable"]), "surrogate": kind,
        "surrogates": found.n_surrogates,
    }  # fmt: skip
    return {"row": {name: _plain(value) for name, value in row.items()}, "odd": found.odd, "even": found.even}


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and not np.isfinite(value) else value


def _load(path: Path) -> tuple[Array, Array]:
    with np.load(path, allow_pickle=False) as found:
        return found["first"], found["second"]


# --- doing them -----------------------------------------------------------------------------------------------------


def _done(
    jobs: Mapping[str, Job], journal: Journal, executor: Executor | None, said: Callable[[int], None]
) -> dict[str, dict[str, Any]]:
    """What each job found, from the journal or done now. An error is a result: it is kept and told."""
    found: dict[str, dict[str, Any]] = {}
    waiting: dict[str, Job] = {}
    for key, job in jobs.items():
        known = journal.get(job.fingerprint)
        there = known is not None and (known.get("problem") or job.result is None or job.result.exists())
        if known is not None and there:
            found[key] = known
        else:
            waiting[key] = job
    said(len(found))
    for key, result in _results(waiting, executor):
        job = jobs[key]
        if not result.get("bug"):
            journal.add(job.fingerprint, result)
        found[key] = result
        said(len(found))
    return found


def _results(jobs: Mapping[str, Job], executor: Executor | None) -> Iterator[tuple[str, dict[str, Any]]]:
    if executor is None:
        for key, job in jobs.items():
            yield key, attempted(job.run, job.arguments)
        return
    todo = iter(jobs.items())
    running: dict[Future[dict[str, Any]], str] = {}
    try:
        while True:
            for key, job in todo:
                running[executor.submit(attempted, job.run, job.arguments)] = key
                if len(running) >= IN_FLIGHT:
                    break
            if not running:
                return
            ready, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in ready:
                yield running.pop(future), _outcome(future)
    finally:
        for future in running:
            future.cancel()


def _outcome(future: Future[dict[str, Any]]) -> dict[str, Any]:
    """A worker that died (memory, a crash in a reader) loses its session only."""
    try:
        return future.result()
    except Exception as error:
        return {"problem": f"the worker stopped: {error!s:.200}", "cure": "Run the command again.", "bug": True}


def attempted(run: Callable[..., dict[str, Any]], arguments: tuple[Any, ...]) -> dict[str, Any]:
    """What `run` gives, or the error as a result. One recording must not stop a study of a thousand, so that an error
    that nobody foresaw is caught here too; it is told as what it is."""
    try:
        return run(*arguments)
    except AccordError as error:
        found = error.findings[0]
        place = f"{Path(found.where.file).name}: " if found.where.file else ""
        return {"problem": f"{place}{found.what}", "cure": found.cure}
    except Exception as error:
        return {"problem": f"{type(error).__name__}: {error!s:.200}", "cure": "Please report this.", "bug": True}
