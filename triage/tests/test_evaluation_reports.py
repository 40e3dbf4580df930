"""The reports of `manage.py evaluate_flow`: pages and diagrams that stand alone."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

from triage.tests.measuring import csv_file, evaluate, flow_file


class Tags(HTMLParser):
    """Complains about tags that are not closed in their order, and keeps addresses that a page would fetch."""

    VOID = ("meta", "link", "br", "img", "hr", "input")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.fetched += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_html_report_stands_alone_and_escapes_what_people_wrote(tmp_path: Path) -> None:
    rows = [
        ("text", "category"),
        *[(f"alpha {n}", "<b>one") for n in range(4)],
        *[(f"alpha {n}", "two") for n in range(4)],
    ]
    path = tmp_path / "report.html"
    evaluate("--data", csv_file(tmp_path, rows), "--html", path)
    html = path.read_text(encoding="utf-8")
    tags = Tags()
    tags.feed(html)
    tags.close()
    assert tags.open == []
    assert tags.fetched == []
    assert "&lt;b&gt;one" in html
    assert "<b>one" not in html
    assert "<svg" in html
    assert "several categories" in html


def test_the_diagram_is_svg_for_light_and_dark_screens(tmp_path: Path) -> None:
    path = tmp_path / "diagram.svg"
    evaluate(flow_file(tmp_path), "--svg", path)
    root = ElementTree.parse(path).getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    columns = root.findall(".//{*}rect[@class='column']/{*}title")
    assert columns
    assert all("says" in (column.text or "") for column in columns)
    assert "prefers-color-scheme: dark" in path.read_text(encoding="utf-8")
