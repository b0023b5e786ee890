"""Published content: snapshots by hash, all or nothing, read back word for word."""

from datetime import timedelta
from hashlib import sha256
from shutil import copytree

import pytest

from accord.science.definitions import packaged_content
from accord.science.errors import BadContent, BadInput, NotFound
from accord.science.programmes import load_programme
from accord.science.protocols.load import load_protocol
from accord.service.audit.models import Entry
from accord.service.library import queries
from accord.service.library.actions import publish_content
from accord.service.library.models import Current, Snapshot
from accord.service.library.rules import to_html, unbundled
from accord.service.now import now

pytestmark = pytest.mark.django_db


@pytest.fixture
def standing(db):
    """Everything published as a start does it, from the files."""
    publish_content(now=now())


@pytest.fixture
def site(tmp_path):
    (tmp_path / "texts" / "en").mkdir(parents=True)
    return tmp_path


def write(site, name, text):
    (site / "texts" / "en" / f"{name}.md").write_text(text)


@pytest.mark.both
def test_everything_is_checked_and_published_once(db, django_assert_max_num_queries):
    snapshots = publish_content(now=now())
    kinds = {snapshot.kind for snapshot in snapshots}
    assert {"protocol", "ladder", "instrument", "questions", "programme", "text"} <= kinds
    moment = now()
    with django_assert_max_num_queries(1):
        assert publish_content(now=moment) == []
    entry = Entry.objects.get(stream="system", action="publish")
    assert len(entry.facts["sha256"]) == len(snapshots)


def test_a_protocol_reads_back_as_the_science_reads_the_file(published):
    snapshot = queries.protocol_snapshot("routine-care")
    assert snapshot.source == (packaged_content() / "protocols" / "routine-care.yaml").read_text()
    assert queries.protocol(snapshot) == queries.protocol(snapshot.pk) == load_protocol("routine-care")


def test_a_snapshot_is_read_from_the_database_once(published, django_assert_num_queries):
    key = queries.protocol_snapshot("routine-care").pk
    queries.protocol(key)
    with django_assert_num_queries(0):
        queries.protocol(key)


def test_ladder_instrument_and_questions_read_back(published):
    ladder = queries.ladder(queries.ladder_snapshot("service-default"))
    assert queries.ladder_snapshot(ladder.name).version == str(ladder.version)
    assert queries.instrument("safety_check").id == "safety_check"
    assert "where_you_are" in queries.questions()
    with pytest.raises(NotFound, match="service-default@99 was never published"):
        queries.ladder_snapshot("service-default@99")


def test_the_sites_text_wins_and_the_older_version_stays(standing, site):
    before = queries.text("safety-help-box")
    write(site, "safety-help-box", "# Help here\n\nRing the bell.\n")
    assert len(publish_content(site=site, now=now())) == 1
    assert queries.text("safety-help-box").title == "Help here"
    assert queries.text_of(before.snapshot_id) == before


def test_a_text_that_returns_to_its_earlier_wording_stands_again(standing, site):
    before = queries.text("safety-help-box").snapshot_id
    write(site, "safety-help-box", "# Help here\n\nRing the bell.\n")
    publish_content(site=site, now=now())
    publish_content(now=now())
    assert queries.text("safety-help-box").snapshot_id == before
    assert Snapshot.objects.filter(slug="safety-help-box").count() == 2


def test_another_language_falls_back_to_english(standing, site):
    (site / "texts" / "it").mkdir()
    (site / "texts" / "it" / "safety-help-box.md").write_text("# Aiuto\n\nSuona il campanello.\n")
    publish_content(site=site, now=now())
    assert queries.text("safety-help-box", "it-CH").title == "Aiuto"
    assert queries.text("safety-help-box", "nl").language == "en"


def test_nothing_is_published_when_something_is_wrong(site):
    write(site, "safety-help-box", "No title.\n\n<script>alert(1)</script>\n")
    with pytest.raises(BadContent, match="Nothing was published"):
        publish_content(site=site, now=now())
    assert not Snapshot.objects.exists()


def test_an_unreadable_protocol_names_its_line(site):
    (site / "protocols").mkdir()
    (site / "protocols" / "ours.yaml").write_text("protocol: ours\nversion: [1\n")
    with pytest.raises(BadInput, match=r"protocols/ours\.yaml"):
        publish_content(site=site, now=now())


def test_a_whole_programme_is_one_snapshot_word_for_word(published, django_assert_num_queries):
    snapshot = queries.programme_snapshot("living-with-pain")
    folder = packaged_content() / "programmes" / "living-with-pain"
    texts = unbundled(snapshot.source)
    assert texts["programme.yaml"] == (folder / "programme.yaml").read_text()
    assert texts["en/01-understanding-pain.md"] == (folder / "en" / "01-understanding-pain.md").read_text()
    read, loaded = queries.programme(snapshot), load_programme("living-with-pain")
    assert read == loaded
    assert [read.text(lesson.id) for lesson in read.lessons] == [loaded.text(lesson.id) for lesson in loaded.lessons]
    with django_assert_num_queries(0):
        assert queries.programme(snapshot.pk) is read


def test_one_word_in_one_lesson_is_a_new_version_of_the_programme(standing, tmp_path):
    first = queries.programme_snapshot("living-with-pain")
    packaged = packaged_content() / "programmes" / "living-with-pain"
    copytree(packaged, tmp_path / "programmes" / "living-with-pain")
    lesson = tmp_path / "programmes" / "living-with-pain" / "en" / "01-understanding-pain.md"
    lesson.write_text(lesson.read_text().replace("Your pain is real.", "Your pain is quite real."))
    assert [snapshot.slug for snapshot in publish_content(site=tmp_path, now=now())] == ["living-with-pain"]
    second = queries.programme_snapshot("living-with-pain")
    assert second.pk != first.pk
    assert "Your pain is real." in said(first)
    assert "Your pain is quite real." in said(second)


def said(snapshot):
    return " ".join(queries.programme(snapshot).text("understanding_pain").paragraphs())


def test_a_programme_that_was_published_file_by_file_is_still_read(db):
    """Before there were bundles every lesson was a row of its own; those rows stay readable, as of their day."""
    folder, moment = packaged_content() / "programmes" / "living-with-pain", now()
    lesson = (folder / "en" / "01-understanding-pain.md").read_text()
    old = keep("living-with-pain", "", (folder / "programme.yaml").read_text(), moment)
    for name in sorted(path.stem for path in (folder / "en").glob("*.md")):
        text = (folder / "en" / f"{name}.md").read_text()
        keep(f"living-with-pain/{name}", "en", text, moment)
    later = lesson.replace("Your pain is real.", "Your pain is quite real.")
    keep("living-with-pain/01-understanding-pain", "en", later, moment + timedelta(days=1))
    assert "Your pain is real." in said(old)
    publish_content(now=moment + timedelta(days=2))
    assert queries.programme_snapshot("living-with-pain").pk != old.pk


def keep(slug, language, text, moment):
    names = {"kind": "programme", "slug": slug, "language": language}
    row = Snapshot.objects.create(
        **names, source=text, sha256=sha256(text.encode()).hexdigest(), version="1", published_at=moment
    )
    Current.objects.update_or_create(**names, defaults={"snapshot": row, "since": moment})
    return row


def test_what_was_never_published_says_how_to(db):
    with pytest.raises(NotFound, match="accord manage publish_content"):
        queries.text("safety-help-box")


@pytest.mark.parametrize(
    "nasty",
    ["<script>alert(1)</script>", "[x](javascript:alert(1))", "![x](http://elsewhere/x.png)", '<p style="color:red">x'],
)
def test_html_from_content_runs_and_loads_nothing(nasty):
    html = to_html(nasty)
    assert not any(wrong in html for wrong in ("<script", 'href="javascript', "<img", "<p style"))
