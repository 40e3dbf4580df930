"""Every word of the interface is there in Portuguese, and the compiled catalogues are those of the sources."""

from __future__ import annotations

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.template import engines
from django.template.base import Node, Template
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

CALLS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy"}
TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))
MODULES = sorted(
    path
    for package in ("conversations", "triage", "triage_project")
    for path in (settings.BASE_DIR / package).rglob("*.py")
    if "tests" not in path.parts
)
LANGUAGES = ("pt_BR", "en")

Catalogue = dict[str, list[str]]
"""What is translated → its translations: one, or one for each plural form."""


def source_of(language: str) -> Path:
    return settings.LOCALE_PATHS[0] / language / "LC_MESSAGES" / "django.po"


def read_source(path: Path) -> Catalogue:
    """The entries of a .po file, without its header."""
    found: Catalogue = {}
    for block in path.read_text("utf-8").split("\n\n"):
        parts = re.findall(r'^(msg\w+)(?:\[\d\])? ((?:".*"\n?)+)', block, re.MULTILINE)
        words = [(name, "".join(map(ast.literal_eval, text.splitlines()))) for name, text in parts]
        key = next((text for name, text in words if name == "msgid"), "")
        if key:
            found[key] = [text for name, text in words if name == "msgstr"]
    return found


def read_compiled(path: Path) -> Catalogue:
    with path.with_suffix(".mo").open("rb") as file:
        entries: dict[str | tuple[str, int], str] = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    found: Catalogue = {}
    for key, text in sorted(entries.items(), key=str):
        found.setdefault(key if isinstance(key, str) else key[0], []).append(text)
    found.pop("", None)
    return found


def used_in_module(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value


def used_in_template(path: Path) -> Iterator[str]:
    source = path.read_text("utf-8")
    yield from re.findall(r"""\b_\(['"](.+?)['"]\)""", source)
    template: Template = engines["django"].from_string(source).template  # type: ignore[attr-defined]
    yield from used_in_nodes(template.nodelist.get_nodes_by_type(Node))


def used_in_nodes(nodes: list[Node]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, TranslateNode) and isinstance(node.filter_expression.var, str):
            yield node.filter_expression.var
        elif isinstance(node, TranslateNode):
            yield node.filter_expression.var.literal
        elif isinstance(node, BlockTranslateNode):
            yield node.render_token_list(node.singular)[0].replace("%%", "%")


def used() -> set[str]:
    modules = {words for path in MODULES for words in used_in_module(path)}
    templates = {words for path in TEMPLATES for words in used_in_template(path)}
    return modules | templates


def test_the_search_finds_what_is_used() -> None:
    found = used()
    assert {"Leave this page", "within %(n)d hour", "You have %(n)s conversation on this device", "flow"} <= found


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_used_is_translated(language: str) -> None:
    catalogue = read_source(source_of(language))
    missing = sorted(words for words in used() if not all(catalogue.get(words) or [""]))
    assert not missing, f"no {language} for: {missing}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_left_that_nobody_uses(language: str) -> None:
    assert not set(read_source(source_of(language))) - used()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_that_of_its_source(language: str) -> None:
    assert read_compiled(source_of(language)) == read_source(source_of(language))


def test_placeholders_survive_translation() -> None:
    for words, translations in read_source(source_of("pt_BR")).items():
        wanted = sorted(re.findall(r"%\(\w+\)[sd]|%[sd]", words))
        assert all(sorted(re.findall(r"%\(\w+\)[sd]|%[sd]", text)) == wanted for text in translations), words
