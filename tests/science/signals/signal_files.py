"""Files of every format, written for the tests as the devices would write them."""

from __future__ import annotations

import datetime
import struct
import zipfile
from pathlib import Path

import numpy as np
import pyedflib

ACQ = Path(__file__).parents[2] / "published" / "data" / "signals" / "bioread_ecg_resp_eda.acq"
RNG = np.random.default_rng(1)
ECG = np.round(np.sin(np.arange(2500) / 40) + 0.2 * RNG.normal(size=2500), 3)
EDA = 5 + np.cumsum(RNG.normal(size=160)) / 100
NINE = 1774774800.0  # 2026-03-29 09:00:00 UTC


def edf(folder: Path, name: str = "a.edf", *, times: int = 1) -> Path:
    path = folder / name
    form = pyedflib.FILETYPE_BDFPLUS if name.endswith("bdf") else pyedflib.FILETYPE_EDFPLUS
    top = 8388607 if name.endswith("bdf") else 32767
    with pyedflib.EdfWriter(str(path), 2, file_type=form) as writer:
        writer.setStartdatetime(datetime.datetime(2026, 3, 29, 9, 0, 0))  # noqa: DTZ001 - EDF knows no zone
        for at, (label, unit, rate) in enumerate((("ECG", "mV", 250), ("EDA left", "uS", 16))):
            facts = {"label": label, "dimension": unit, "sample_frequency": rate, "transducer": "", "prefilter": ""}
            bounds = {"physical_max": 10, "physical_min": -10, "digital_max": top, "digital_min": -top - 1}
            writer.setSignalHeader(at, facts | bounds)
        writer.writeSamples([np.tile(ECG, times), np.tile(EDA, times)])
        writer.writeAnnotation(2.5, -1, "clap")
    return path


def chunk(tag: int, content: bytes) -> bytes:
    body = struct.pack("<H", tag) + content
    return b"\x04" + struct.pack("<I", len(body)) + body


def stream(number: int, info: str) -> bytes:
    xml = f"<?xml version='1.0'?><info>{info}<desc></desc></info>"
    return chunk(2, struct.pack("<I", number) + xml.encode())


def xdf(folder: Path, *, jitter: float = 0.0, drift: float = 0.0) -> Path:
    """Two streams: an ECG whose clock runs `drift` too fast and is 5 s behind, and markers."""
    ecg = "<name>Strap</name><type>ECG</type><channel_count>1</channel_count><nominal_srate>250</nominal_srate>"
    marks = "<name>Marks</name><type>Markers</type><channel_count>1</channel_count><nominal_srate>0</nominal_srate>"
    out = b"XDF:" + chunk(1, b"<?xml version='1.0'?><info><version>1.0</version></info>")
    out += stream(1, ecg + "<channel_format>float32</channel_format>")
    out += stream(2, marks + "<channel_format>string</channel_format>")
    for at in np.arange(0, 11.0, 1.0):
        own = (100 + at) * (1 + drift)
        out += chunk(4, struct.pack("<Idd", 1, own, 5.0 + (100 + at) - own))
        out += chunk(4, struct.pack("<Idd", 2, 105 + at, 0.0))
    stamps = (100 + np.arange(ECG.size) / 250) * (1 + drift) + jitter * RNG.normal(size=ECG.size)
    samples = b"".join(b"\x08" + struct.pack("<df", t, v) for t, v in zip(stamps, ECG, strict=True))
    out += chunk(3, struct.pack("<I", 1) + b"\x04" + struct.pack("<I", ECG.size) + samples)
    out += chunk(3, struct.pack("<I", 2) + b"\x01\x01\x08" + struct.pack("<d", 107.0) + b"\x01\x04" + b"clap")
    for number in (1, 2):
        out += chunk(6, struct.pack("<I", number) + b"<?xml version='1.0'?><info><x>1</x></info>")
    path = folder / "a.xdf"
    path.write_bytes(out)
    return path


RR = np.round(800 + 40 * np.sin(np.arange(200) / 3)).astype(int)


def lines(values: object) -> str:
    return "\n".join(str(value) for value in values)  # type: ignore[attr-defined]


def two_straps(folder: Path) -> Path:
    """Two people's ECG in one file, each a stream of the same type."""
    out = b"XDF:" + chunk(1, b"<?xml version='1.0'?><info><version>1.0</version></info>")
    for number, who in ((1, "Patient"), (2, "Therapist")):
        info = f"<name>{who}</name><type>ECG</type><channel_count>1</channel_count><nominal_srate>250</nominal_srate>"
        out += stream(number, info + "<channel_format>float32</channel_format>")
        times = 100 + np.arange(ECG.size) / 250
        samples = b"".join(b"\x08" + struct.pack("<df", t, number * v) for t, v in zip(times, ECG, strict=True))
        out += chunk(3, struct.pack("<I", number) + b"\x04" + struct.pack("<I", ECG.size) + samples)
    path = folder / "two.xdf"
    path.write_bytes(out)
    return path


def empatica(folder: Path) -> Path:
    path = folder / "1774774800_A00001.zip"
    beats = np.cumsum(RR) / 1000
    ibi = [f"{t:.6f},{v / 1000:.6f}" for t, v in zip(beats, RR, strict=True) if not 50 < t < 60]
    files = {
        "EDA.csv": f"{NINE:.6f}\n4.000000\n" + lines(EDA),
        "ACC.csv": f"{NINE:.6f}, {NINE:.6f}, {NINE:.6f}\n32.0, 32.0, 32.0\n"
        + lines(f"0,{i % 3},64" for i in range(320)),
        "IBI.csv": f"{NINE:.6f}, IBI\n" + lines(ibi),
        "tags.csv": f"{NINE + 12.5}\n",
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def observation(text: str, start: str | None = "2026-03-29T11:00:00+02:00", **more: object) -> dict[str, object]:
    data = {"origin": {"value": 2.0, "unit": "mV"}, "period": 4, "factor": 0.5, "dimensions": 1, "data": text} | more
    found: dict[str, object] = {"resourceType": "Observation", "code": {"text": "ECG"}, "valueSampledData": data}
    return found | ({"effectiveDateTime": start} if start else {})


def movesense(count: int) -> dict[str, object]:
    """Notifications of 16 samples of an ECG at 250 Hz; the clock of the sensor begins at one second."""
    counts = (1000 * ECG).astype(int)
    return {
        "data": [
            {"ecg": {"Timestamp": 1000 + i * 64, "Samples": counts[i * 16 : i * 16 + 16].tolist()}}
            for i in range(count)
        ]
    }
