"""Fixture `published`: the packaged content as snapshots in the library, without checking it again in every test."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import pytest

from accord.service.access.table import SERVICE
from accord.service.library import actions
from accord.service.library.rules import Source, sources


@lru_cache(maxsize=1)
def _packaged() -> tuple[Source, ...]:
    return tuple(sources())


@pytest.fixture
def published(world: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The shared `world`, with all content published."""
    monkeypatch.setattr(actions, "sources", lambda **_given: _packaged())
    monkeypatch.setattr(actions, "check_sources", lambda *_given, **_more: None)  # tests/content checks it, once
    actions.publish_content(by=SERVICE, now=world.now)
    return world
