"""The letters of the invented clinic: one that went, and one that lies signed on the desk."""

from __future__ import annotations

from django.apps import apps

from accord.service.demo import cast
from accord.service.demo.cast import CAST
from accord.service.demo.seed import open_clinic
from accord.service.library.actions import publish_content
from accord.service.now import now


def test_one_letter_went_and_one_lies_on_the_desk(db, monkeypatch):
    publish_content(now=now())
    monkeypatch.setattr(cast, "CAST", [part for part in CAST if part.key in ("ane.holt", "ben.arvid")])
    open_clinic()
    letters = {row.kind: row for row in apps.get_model("episodes", "Letter")._default_manager.all()}
    assert set(letters) == {"discharge_summary", "referral_received"}
    assert [step.kind for step in letters["discharge_summary"].steps.all()] == ["sent"]
    assert not letters["referral_received"].steps.exists()
    assert all("[[" not in row.text for row in letters.values())
