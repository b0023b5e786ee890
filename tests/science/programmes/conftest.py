"""A tiny programme that is right, and a way to change one thing of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tiny_programme import LESSON, PROGRAMME


@pytest.fixture
def tiny(tmp_path: Path) -> Callable[..., Path]:
    """Writes the tiny programme as a site's; returns the site. `old` -> `new` changes programme.yaml."""

    def write(old: str = "", new: str = "", *, lesson: str = LESSON, raw: bytes | None = None) -> Path:
        folder = tmp_path / "site" / "programmes" / "tiny"
        (folder / "en").mkdir(parents=True, exist_ok=True)
        assert old in PROGRAMME
        (folder / "programme.yaml").write_text(PROGRAMME.replace(old, new, 1) if old else PROGRAMME, encoding="utf-8")
        (folder / "en" / "01-first.md").write_bytes(raw if raw is not None else lesson.encode())
        return tmp_path / "site"

    return write
