"""Read a picture as a browser lays it out: every text with the box it takes, moved by the groups around it.

Widths are the advance widths of DejaVu Sans, in thousandths of the size, measured in Chromium with canvas measureText
(regular and bold); letters outside of ASCII count as 1,000. They are independent of the estimates in letters.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import combinations
from xml.etree import ElementTree

SVG = "{http://www.w3.org/2000/svg}"

_REGULAR = (
    "318 401 460 838 636 950 780 275 390 390 500 838 318 361 318 337 636 636 636 636 636 636 636 636 636 636 337 "
    "337 838 838 838 531 1000 684 686 698 770 632 575 775 752 295 295 656 557 863 748 787 603 787 695 635 611 732 "
    "684 989 685 611 685 390 337 390 838 500 500 613 635 550 635 615 352 635 634 278 278 579 278 974 634 612 635 "
    "635 411 521 392 634 592 818 592 592 525 636 337 636 838 "
)
_BOLD = (
    "348 456 521 838 696 1002 872 306 457 457 523 838 380 415 380 365 696 696 696 696 696 696 696 696 696 696 400 "
    "400 838 838 838 580 1000 774 762 734 830 683 683 821 837 372 372 775 637 995 837 850 733 850 770 720 682 812 "
    "774 1103 771 724 725 457 365 457 838 500 500 675 716 593 716 678 435 716 712 343 343 665 343 1042 712 687 "
    "716 716 493 595 478 712 652 924 645 652 582 712 365 712 838 "
)
_WIDTHS = {
    bold: {chr(32 + k): int(width) for k, width in enumerate(table.split())}
    for bold, table in ((False, _REGULAR), (True, _BOLD))
}
_NARROW = {"·": 318, "–": 500, "\u00a0": 318, "²": 401, "’": 318}


def measured(words: str, size: float, *, bold: bool = False) -> float:
    table = _WIDTHS[bold]
    return sum(table.get(letter, _NARROW.get(letter, 1000)) for letter in words) * size / 1000


@dataclass(frozen=True)
class TextBox:
    words: str
    left: float
    right: float
    top: float
    bottom: float

    def lies_over(self, other: TextBox) -> bool:
        """More than a hair in both directions: lines of text may touch."""
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        return across > 0.5 and down > 1.5


def parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def size_of(svg: str) -> tuple[float, float]:
    _, _, width, height = map(float, parsed(svg).attrib["viewBox"].split())
    return width, height


def text_boxes(svg: str) -> list[TextBox]:
    return list(_boxes(parsed(svg), 0.0, 0.0))


def _boxes(element, right, down):
    moved = re.fullmatch(r"translate\(([-\d.]+) ([-\d.]+)\)", element.attrib.get("transform", ""))
    if moved:
        right, down = right + float(moved[1]), down + float(moved[2])
    if element.tag == f"{SVG}text":
        size = float(element.attrib["font-size"])
        width = measured(element.text or "", size, bold="font-weight" in element.attrib)
        shift = {"start": 0.0, "middle": width / 2, "end": width}[element.attrib.get("text-anchor", "start")]
        x, y = right + float(element.attrib["x"]) - shift, down + float(element.attrib["y"])
        yield TextBox(element.text or "", x, x + width, y - 0.93 * size, y + 0.24 * size)
    for child in element:
        yield from _boxes(child, right, down)


def overlaps(svg: str) -> list[tuple[str, str]]:
    return [(a.words, b.words) for a, b in combinations(text_boxes(svg), 2) if a.lies_over(b)]


def all_words(svg: str) -> str:
    return " ".join(box.words for box in text_boxes(svg))
