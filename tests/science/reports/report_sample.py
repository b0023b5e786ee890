"""A rich result: every kind of block, every kind of picture, both origins. All of it invented."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from accord.science.analyses.result import AnalysisResult, Caution, Estimates, Picture, Section, Table, Text
from accord.science.estimates.estimate import Estimate

sys.path.insert(0, str(Path(__file__).parents[1] / "figures"))
import figure_samples as pictures

HOSTILE = '</title></style><script>alert("x")</script>" onload=\'y\' & <b>\x00\ud800'


def estimate(id: str, label: str, value: float | None, half: float = 0.08, **more: object) -> Estimate:
    ends = {} if value is None else {"ci_low": value - half, "ci_high": value + half, "se": half / 1.96}
    return Estimate(id=id, label=label, value=value, **{**ends, **more})  # type: ignore[arg-type]


def estimates() -> tuple[Estimate, ...]:
    method = "repeated-measures model, unstructured covariance, Kenward-Roger degrees of freedom"
    changes = [
        estimate(
            f"change.{ref}.post",
            f"{label}: improvement until post",
            value,
            0.2,
            df=1043.2,
            p=1e-9,
            n=1189,
            missing=249,
            scale=ref,
            unit="points",
            method=method,
        )
        for ref, label, value in (
            ("bpi_interference.total", "Pain interference", 1.21),
            ("phq_9.total", "Depression", 2.9),
            ("gad_7.total", "Anxiety", 2.1),
            ("pseq.total", "Confidence despite pain", 5.7),
        )
    ]
    return (
        *changes,
        estimate(
            "funnel.started",
            "Started, of those enrolled",
            0.87,
            0.018,
            n=1367,
            missing=0,
            unit="share",
            method="Wilson interval",
        ),
        estimate(
            "minutes.all",
            "Therapist minutes per started person",
            77.0,
            4.0,
            n=1189,
            unit="minutes",
            method="mean, t interval",
        ),
        estimate(
            "icc.therapist.phq_9.total.post",
            "Share of variance between therapists",
            None,
            n=4,
            unit="share",
            note="4 therapists: no variance share below 20 (C18).",
        ),
        estimate(
            "g.phq_9.total.post",
            "Depression, in baseline SDs",
            0.0004,
            0.08,
            n=1189,
            missing=249,
            scale="phq_9.total",
            unit="SD",
            method=method,
        ),
    )


def result(origin: str = "simulated") -> AnalysisResult:
    numbers = estimates()
    invented = origin == "simulated"
    drawn = {
        name: Picture(
            name,
            figure.title,
            figure.description,
            replace(figure, invented=invented),  # type: ignore[type-var]
            "n = 1,189; 21 % of post scores missing; repeated-measures model; 95 % intervals.",
        )
        for name, figure in pictures.ORDINARY.items()
    }
    table_one = Table(
        "table_one",
        "Who they were",
        ("Characteristic", "Brain retraining", "Relaxation", "All"),
        (
            ("Age, mean (SD)", "46.2 (13.1)", "45.8 (12.7)", "46.0 (12.9)"),
            ("Women, n (%)", "71 (67)", "74 (70)", "145 (68)"),
            ("Years of pain, median", 7.5, 8.0, 7.8),
            ("Answered at baseline", 106, 106, 212),
            ("Employed", None, None, None),
        ),
        "Means, SDs and counts before treatment; no test is made of differences that chance made.",
        digits=1,
    )
    wide = Table(
        "responders",
        "At least so many per cent better",
        ("Outcome", *(f"{share} % better, among those with room to improve" for share in (30, 40, 50, 60, 70, 80))),
        (("Pain interference", "0.41 [0.38, 0.44]", "0.33 [0.30, 0.36]", 0.25, 0.2, 0.1, 0.05),),
    )
    sections = (
        Section(
            "funnel",
            "Who went how far",
            (Text("Of 1,642 people referred, 1,367 enrolled and 1,189 began."), drawn["funnel"]),
        ),
        Section(
            "change",
            "How much changed",
            (
                Caution("No comparison group: part of this would have happened anyway."),
                drawn["forest"],
                drawn["trajectories"],
                Estimates("Change from baseline", numbers[:4], "Improvement is positive in every row."),
                wide,
            ),
        ),
        Section("flow", "Who took part", (drawn["flow"], table_one)),
        Section("trial", "Two arms over time", (drawn["two_arms"], drawn["flow_4"])),
        Section("missing", "What is missing", (drawn["missing"], drawn["missing_14"])),
        Section("predictors", "Who starts, completes, improves", (drawn["odds"], drawn["calibration"])),
        Section(
            "minutes", "Therapist time", (drawn["bars"], drawn["shares"], Estimates("Minutes", numbers[5:6], digits=0))
        ),
        Section("therapists", "Therapists", (drawn["caterpillar"], drawn["pooled"])),
    )
    return AnalysisResult(
        title="How 1,367 invented people changed during the course" if invented else "How 1,367 people changed",
        eyebrow="Routine care · living with pain · protocol 1 · code 0.1.0",
        protocol="routine-care",
        protocol_version=1,
        protocol_hash="9f2c" * 16,
        origin=origin,
        seed=1 if invented else None,
        lead=(
            "No comparison group: part of this would have happened anyway. All six outcomes moved towards better, by "
            "0.36 to 0.60 baseline standard deviations.",
            "One in eight never began; 63 % of those who started finished.",
            *(("Invented data: these figures return what was put in.",) if invented else ()),
        ),
        sections=sections,
        estimates=numbers,
        notes=(
            "Scores outside the window of a time-point were left out (12 rows).",
            "Missing values: none was filled in; the model uses what is there.",
        ),
        facts={"People": 1367, "Program": "accord 0.1.0"},
    )


def hostile() -> AnalysisResult:
    """Every text that can come from data or definitions tries to break out of the page."""
    number = Estimate(HOSTILE, HOSTILE, 1.0, 0.5, 1.5, scale=HOSTILE, unit=HOSTILE, method=HOSTILE, note=HOSTILE)
    blocks = (
        Text(HOSTILE),
        Caution(HOSTILE),
        Table(HOSTILE, HOSTILE, (HOSTILE, "b"), ((HOSTILE, HOSTILE),), HOSTILE),
        Estimates(HOSTILE, (number,), HOSTILE),
        Picture(HOSTILE, HOSTILE, HOSTILE, pictures.NASTY["hostile"], HOSTILE),
    )
    return AnalysisResult(
        title=HOSTILE,
        eyebrow=HOSTILE,
        protocol=HOSTILE,
        protocol_version=1,
        protocol_hash=HOSTILE,
        origin="mapped",
        lead=(HOSTILE,),
        sections=(Section(HOSTILE, HOSTILE, blocks), Section(HOSTILE, HOSTILE, blocks)),
        estimates=(number,),
        notes=(HOSTILE,),
        facts={HOSTILE: HOSTILE},
    )


def bare() -> AnalysisResult:
    """Nothing but what an analysis must say."""
    return AnalysisResult("A cohort", "Observational", "own", 1, "0" * 64, "real")
