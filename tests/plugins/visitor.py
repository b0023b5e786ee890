"""A visitor without a browser: cookies, forms and links of the real pages, over a real socket."""

from __future__ import annotations

import http.client
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urljoin, urlsplit


@dataclass
class Form:
    """A form as it stands on a page: where it goes, what it holds, what may be chosen."""

    action: str
    method: str = "get"
    values: dict[str, list[str]] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)  # names of the boxes to write in
    words: str = ""

    def body(self, **given: str | list[str] | None) -> bytes:
        """What a browser would send: hidden and chosen values, changed by what is given (None takes one away)."""
        values = dict(self.values)
        for name, value in given.items():
            if value is None:
                values.pop(name, None)
            else:
                values[name] = value if isinstance(value, list) else [value]
        return urlencode(values, doseq=True).encode()


@dataclass
class Page:
    """An answer of the server."""

    status: int
    url: str
    headers: dict[str, str]
    body: bytes
    size: int = 0

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", errors="replace")

    @property
    def words(self) -> str:
        """What a person would read of it, in one line."""
        main = re.sub(r"<(script|style|head)\b.*?</\1>", " ", self.text, flags=re.DOTALL)
        return " ".join(re.sub(r"<[^>]+>", " ", main).split())

    @property
    def title(self) -> str:
        found = re.search(r"<h1[^>]*>(.*?)</h1>", self.text, flags=re.DOTALL)
        return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split()) if found else ""

    @property
    def forms(self) -> list[Form]:
        reader = _Forms(self.url)
        reader.feed(self.text)
        return reader.forms

    def form(self, *, to: str = "", having: str = "") -> Form:
        """The first form that posts to an address containing `to` and has a field `having`. Log-out is never meant."""
        for form in self.forms:
            names = {*form.values, *form.choices, *form.texts, *(name for name, _ in form.buttons)}
            meant = to or "/accounts/logout" not in form.action
            if form.method == "post" and meant and to in form.action and (not having or having in names):
                return form
        found = [(form.action, sorted(form.values)) for form in self.forms]
        raise AssertionError(
            f"no form to {to!r} having {having!r} on {self.url} ({self.status}): {found}\n{self.words}"
        )

    def links(self) -> list[str]:
        return [urljoin(self.url, target) for target in re.findall(r'<a [^>]*href="([^"#]+)"', self.text)]


class _Forms(HTMLParser):
    def __init__(self, url: str) -> None:
        super().__init__()
        self.url, self.forms, self.open, self.select, self.area = url, [], None, "", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.open = Form(urljoin(self.url, a.get("action") or self.url), a.get("method", "get").lower())
            self.forms.append(self.open)
        elif self.open is None:
            return
        elif tag == "input":
            self._input(self.open, a)
        elif tag == "select":
            self.select = a.get("name", "")
        elif tag == "option" and self.select:
            self.open.choices.setdefault(self.select, []).append(a.get("value", ""))
            if "selected" in a:
                self.open.values[self.select] = [a.get("value", "")]
        elif tag == "textarea":
            self.area = a.get("name", "")
            self.open.texts.append(self.area)
            self.open.values[self.area] = [""]
        elif tag == "button" and a.get("type", "submit") == "submit" and a.get("name"):
            self.open.buttons.append((a["name"], a.get("value", "")))

    def _input(self, form: Form, a: dict[str, str]) -> None:
        name, kind = a.get("name", ""), a.get("type", "text")
        if not name:
            return
        if kind in ("radio", "checkbox"):
            form.choices.setdefault(name, []).append(a.get("value", "on"))
            if "checked" in a:
                form.values.setdefault(name, []).append(a.get("value", "on"))
        elif kind == "submit":
            form.buttons.append((name, a.get("value", "")))
        else:
            form.values[name] = [a.get("value", "")]
            if kind != "hidden":
                form.texts.append(name)

    def handle_data(self, data: str) -> None:
        if self.open is not None:
            self.open.words += f" {data.strip()}" if data.strip() else ""
        if self.area and self.open is not None:
            self.open.values[self.area] = [self.open.values[self.area][0] + data]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.open = None
        elif tag == "select":
            self.select = ""
        elif tag == "textarea":
            self.area = ""


class Visitor:
    """Keeps cookies; follows redirects as a browser does. Raises OSError when the server is not there."""

    def __init__(self, base: str, *, timeout: float = 30) -> None:
        self.base, self.timeout, self.cookies, self.at = base.rstrip("/"), timeout, {}, base

    def get(self, path: str = "/", *, follow: bool = True) -> Page:
        return self._follow(self.send("GET", path), follow)

    def post(self, form: Form, *, follow: bool = True, **given: str | list[str] | None) -> Page:
        return self._follow(self.send("POST", form.action, form.body(**given)), follow)

    def send(self, method: str, target: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Page:
        """One request, no redirects followed."""
        url = urljoin(self.base + "/", target)
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=self.timeout)
        path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
        try:
            connection.request(method, path, body, {**self.headers(body), **(headers or {})})
            response = connection.getresponse()
            content = response.read()
        except http.client.HTTPException as error:
            raise ConnectionError(f"the answer broke off: {error!r}") from error
        finally:
            connection.close()
        self._keep(response)
        given = {name.lower(): value for name, value in response.getheaders()}
        self.at = url
        return Page(response.status, url, given, content, len(content))

    def headers(self, body: bytes | None) -> dict[str, str]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.base, "Referer": self.at}
        return headers

    def _keep(self, response: http.client.HTTPResponse) -> None:
        for line in response.headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(line).items():
                if morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value

    def _follow(self, page: Page, follow: bool) -> Page:
        for _ in range(10):
            if not follow or page.status not in (301, 302, 303, 307):
                return page
            page = self.send("GET", urljoin(page.url, page.headers["location"]))
        raise AssertionError(f"redirected in a circle at {page.url}")
