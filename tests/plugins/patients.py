"""What an invented patient does on the real pages: in by the door, how to reach her, one question after the other."""

from __future__ import annotations

import re

from plugins.visitor import Form, Page, Visitor

QUESTION = re.compile(r"/my/questions/([0-9a-f-]{36})/(\d+)$")


def new_patient(base: str, *, timeout: float = 30) -> tuple[Visitor, Page]:
    """Through the door and past the page that asks how to reach her; the first question is open."""
    visitor = Visitor(base, timeout=timeout)
    enter(visitor, "new-patient")
    page = visitor.get("/my/contact")
    page = visitor.post(page.form(having="phone"), name="Ada Test", phone="020 7946 0000", country="GB", where="London")
    assert QUESTION.search(page.url), f"{page.status} {page.url}: {page.words[:300]}"
    return visitor, page


def enter(visitor: Visitor, key: str) -> Page:
    """In by the door as one of the choices."""
    page = visitor.get("/demo/")
    return visitor.post(page.form(to=f"/demo/enter/{key}/"))


def question_form(page: Page) -> Form:
    """The form of a question page, without the buttons."""
    return page.form(having="revision")


def go_to_safety_check(visitor: Visitor, page: Page) -> Page:
    """The page of the first question of the safety check, among the questions of this assessment."""
    assessment = QUESTION.search(page.url)[1]  # type: ignore[index]
    for number in range(1, 60):
        found = visitor.get(f"/my/questions/{assessment}/{number}")
        if QUESTION.search(found.url) and "harming yourself" in found.words:
            return found
    raise AssertionError("no safety check among the questions")
