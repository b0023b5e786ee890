"""Mail: what each answer of a server means, what a mail holds, and that it never tells who is treated."""

import logging
import socket
from datetime import UTC, datetime

import pytest
from django.core.mail import EmailMessage as DjangoMessage

from accord.science.definitions import content_files
from accord.science.errors import BadInput
from accord.service.gateways.email import smtp
from accord.service.gateways.email.backend import Backend
from accord.service.gateways.email.folder import kept
from accord.service.gateways.email.outcome import Refused, TryLater
from accord.service.gateways.email.send import mail_folder, send
from accord.service.gateways.email.smtp import Server

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ADDRESS = "zqcanary@example.org"


def post(to=ADDRESS, body="Open {link}", **more):
    given = {"subject": "You have a new message", "values": {"link": "https://x.example/"}, "reference": "r-1"}
    send(to=to, body=body, now=NOON, **(given | more))


def test_a_mail_arrives_in_plain_text_with_a_link(sink):
    post()
    (mail,) = sink.mails
    assert mail["To"] == ADDRESS
    assert mail["Subject"] == "You have a new message"
    assert mail["Message-ID"] == "<r-1@localhost>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content().strip() == "Open https://x.example/"


@pytest.mark.parametrize(
    ("mood", "error", "reason"),
    [
        ("no such address", Refused, "The mail server refused this mail (550)."),
        ("spam", Refused, "The mail server refused this mail (554)."),
        ("busy", TryLater, "The mail server cannot take it now (451)."),
        ("break off", TryLater, "The mail server broke off."),
    ],
)
def test_what_an_answer_means(sink, mood, error, reason):
    sink.mood = mood
    with pytest.raises(error) as found:
        post()
    assert found.value.reason == reason
    assert "zqcanary" not in found.value.reason


def test_a_server_that_hangs_is_left(sink, monkeypatch):
    sink.mood = "hang"
    monkeypatch.setattr(smtp, "TIMEOUT", 0.2)
    with pytest.raises(TryLater, match=r"did not answer|broke off"):
        post()


def test_no_server_at_all(settings):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        settings.ACCORD_EMAIL = f"smtp://127.0.0.1:{probe.getsockname()[1]}"
    with pytest.raises(TryLater, match="cannot be reached"):
        post()


def test_nothing_is_sent_in_clear_over_a_network(sink, monkeypatch):
    monkeypatch.setattr(smtp, "LOOPBACK", ())
    with pytest.raises(TryLater, match="no encryption"):
        post()
    assert not sink.mails


def test_a_log_in_that_the_server_does_not_take_may_be_mended(sink, settings):
    settings.ACCORD_EMAIL = f"smtp://ann:secret@127.0.0.1:{sink.port}"
    with pytest.raises(TryLater, match="our log-in"):
        post()


@pytest.mark.parametrize("to", ["", "nobody", "a@b\nBcc: c@d", "a b@c.d", "@", "a@b\r\n", "ä\udcff@b.c"])
def test_an_address_that_is_none_is_refused(sink, to):
    with pytest.raises(Refused, match="cannot be used"):
        post(to)
    assert not sink.mails


def test_a_subject_stays_one_line(sink):
    post(subject="You have {x}", values={"x": "a\nBcc: c@d"})
    assert sink.mails[0]["Bcc"] is None


@pytest.mark.parametrize(
    ("address", "server"),
    [
        ("smtp://h", Server("h", 587)),
        ("smtps://h", Server("h", 465, tls=True)),
        ("smtp://u%40x:p%2Fw@h:25", Server("h", 25, "u@x", "p/w")),
    ],
)
def test_the_address_of_a_server(address, server):
    assert Server.from_address(address) == server


@pytest.mark.parametrize("address", ["imap://h", "smtp://", "smtp://h:no", "x"])
def test_a_wrong_address_of_a_server_tells_the_cure(address):
    with pytest.raises(BadInput, match="smtp://user:password@host:587"):
        Server.from_address(address)


# --- kept as files ----------------------------------------------------------------------------------------------


@pytest.fixture
def folder(settings, tmp_path):
    settings.ACCORD_EMAIL = f"file:{tmp_path / 'mail'}"
    return tmp_path / "mail"


def test_a_mail_is_kept_as_a_file_once_for_its_owner_only(folder):
    post()
    post()
    (path,) = folder.iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    (mail,) = kept(folder)
    assert (mail.to, mail.subject, mail.text.strip()) == (ADDRESS, "You have a new message", "Open https://x.example/")
    assert mail.at == NOON


def test_kept_mails_of_one_address(folder):
    post()
    post("other@example.org", reference="r-2")
    assert [mail.to for mail in kept(folder, to="OTHER@example.org")] == ["other@example.org"]


def test_a_folder_that_cannot_be_written_to_is_tried_later(folder):
    folder.parent.joinpath("mail").write_text("a file stands where the folder should")
    with pytest.raises(TryLater, match="cannot be written"):
        post()


def test_the_outbox_page_keeps_mails_beside_the_data(settings, tmp_path):
    settings.ACCORD_EMAIL, settings.DATA_FOLDER = "outbox", tmp_path
    post()
    assert mail_folder() == tmp_path / "mail"
    assert len(kept(mail_folder())) == 1


# --- log-in mails -----------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_log_in_mails_take_the_same_way(sink):
    message = DjangoMessage("Reset", "Follow https://x.example/reset", to=[ADDRESS, "other@example.org"])
    assert Backend().send_messages([message]) == 2
    assert [mail["To"] for mail in sink.mails] == [ADDRESS, "other@example.org"]


@pytest.mark.django_db
@pytest.mark.parametrize("mood", ["busy", "no such address", "break off"])
def test_a_log_in_mail_that_does_not_leave_breaks_no_page_and_names_nobody(sink, mood, caplog):
    sink.mood = mood
    with caplog.at_level(logging.ERROR):
        assert Backend().send_messages([DjangoMessage("Reset", "Follow", to=[ADDRESS])]) == 0
    assert "did not leave" in caplog.text
    assert "zqcanary" not in caplog.text


# --- the words --------------------------------------------------------------------------------------------------

TELLING = ("therap", "pain", "suic", "self-harm", "treat", "patient", "psych", "clinic", "depress", "questionnaire")


@pytest.mark.parametrize("name", [name for name in content_files("texts/en", "mail-*.md") if "clock" not in name])
def test_no_mail_tells_what_the_service_is_for(name):
    words = content_files("texts/en", "mail-*.md")[name].read_text().lower()
    assert not [word for word in TELLING if word in words]
    assert "{link}" in words
