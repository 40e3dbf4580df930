"""`flows compare|rollback|learn|shadow`: what is done with the versions of a flow, and what is printed of it."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from triage.evaluation.shadow import Shadow, shadow
from triage.flows import versions
from triage.flows.comparing import Changes, compare
from triage.flows.loader import current_version, parsed

MOST_LISTED = 50  # cases, of a shadow that is not JSON


def add_verbs(verbs: Any) -> list[ArgumentParser]:
    compared = verbs.add_parser("compare", help="what changed between two versions of a flow")
    compared.add_argument("flow")
    compared.add_argument("old", type=int)
    compared.add_argument("new", type=int)
    rolled = verbs.add_parser("rollback", help="make an older version the newest again; cases go on under theirs")
    rolled.add_argument("flow")
    rolled.add_argument("version", type=int)
    learnt = verbs.add_parser("learn", help="make a version that has the approved corrections among its examples")
    learnt.add_argument("flow")
    shadowed = verbs.add_parser("shadow", help="analyse past cases by a version again, and say what would change")
    shadowed.add_argument("flow")
    shadowed.add_argument("--version", type=int, dest="by", help="the version to try (default: the newest)")
    shadowed.add_argument("--against", type=int, help="compare with this version (default: each case's own)")
    shadowed.add_argument("--limit", type=int, default=500, help="how many cases, newest first (default: 500)")
    shadowed.add_argument("--analyzer", default="", help="a dotted path (default: TRIAGE_ANALYZER)")
    return [compared, rolled, learnt, shadowed]


def perform(options: dict[str, Any]) -> tuple[Any, list[str]]:
    """What to print: as JSON, and as lines."""
    match options["verb"]:
        case "compare":
            return _compare(options["flow"], options["old"], options["new"])
        case "rollback":
            made, is_new = versions.roll_back(options["flow"], options["version"])
            line = (
                f"{made} has the content of v{options['version']}." if is_new else f"{made} has that content already."
            )
            return {"flow": made.flow, "version": made.version, "new": is_new}, [line]
        case "learn":
            made, count = versions.learn(options["flow"])
            new = f"{made} has learnt from {count} correction{'' if count == 1 else 's'}."
            line = new if count else f"{made} has all approved corrections already."
            return {"flow": made.flow, "version": made.version, "learnt": count}, [line]
    return _shadow(options)


def _compare(flow_id: str, old: int, new: int) -> tuple[Any, list[str]]:
    rows = [versions.version_of(flow_id, version) for version in (old, new)]
    changes = compare(*map(parsed, rows))
    return asdict(changes), [f"{flow_id} v{old} → v{new}", *(lines_of(changes) or ["  nothing changed"])]


def lines_of(changes: Changes) -> list[str]:
    return [f"  {line}" for line in _lines(changes)]


def _lines(changes: Changes) -> Iterator[str]:
    for name, entries in changes.lists.items():
        yield from (f"{name}: + {id_}" for id_ in entries.added)
        yield from (f"{name}: - {id_}" for id_ in entries.removed)
        yield from (f"{name}: {id_}: {', '.join(parts)}" for id_, parts in entries.changed.items())
    for path, (before, after) in changes.settings.items():
        yield f"{path}: {before} → {after}"
    for name in changes.texts:
        yield f"{name}: reads otherwise"
    for path, (few, many) in changes.examples.items():
        yield f"{path}: {few} → {many}" if few != many else f"{path}: {few}, others"


def _shadow(options: dict[str, Any]) -> tuple[Any, list[str]]:
    flow_id = options["flow"]
    new = versions.version_of(flow_id, options["by"] or current_version(flow_id).version)
    old = versions.version_of(flow_id, options["against"]) if options["against"] else None
    analyzer = import_string(options["analyzer"] or settings.TRIAGE_ANALYZER)()
    found = shadow(new, against=old, analyzer=analyzer, limit=options["limit"])
    return asdict(found), [f"{new} beside {old or 'the version of each case'}", *_shadow_lines(found)]


def _shadow_lines(found: Shadow) -> Iterator[str]:
    unread = f" ({found.unreadable} could not be read)" if found.unreadable else ""
    yield f"  {found.cases} cases{unread}, {len(found.changes)} would change"
    for field, count in found.changed.items():
        told = found.human[field]
        words = f"of {told.cases} that staff corrected, right: {told.old_right} → {told.new_right}"
        yield f"  {field}: {count} differ; {words}"
    for one in found.changes[:MOST_LISTED]:
        parts = ", ".join(f"{field}: {before} → {after}" for field, (before, after) in one.fields.items())
        yield f"  {one.case_id}  {parts}"
    if len(found.changes) > MOST_LISTED:
        yield f"  … and {len(found.changes) - MOST_LISTED} more; --json lists all"
