"""`doctor`: is every part well, and what to do about those that are not."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from triage_project.diagnosis import Finding, diagnose


class Command(BaseCommand):
    help = "Check every part of the installation; exit code 1 when something is broken."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print a list of findings instead of lines")

    def handle(self, *_args: Any, **options: Any) -> None:
        findings = []
        for finding in diagnose():
            findings.append(finding)
            if not options["json"]:
                self.stdout.write(self._line(finding))
        if options["json"]:
            self.stdout.write(json.dumps([asdict(finding) for finding in findings], indent=2))
        if any(finding.state == "fail" for finding in findings):
            sys.exit(1)

    def _line(self, finding: Finding) -> str:
        style = {"ok": self.style.SUCCESS, "warn": self.style.WARNING, "fail": self.style.ERROR}[finding.state]
        advice = f" → {finding.advice}" if finding.advice else ""
        return f"{style(f'{finding.state:4}')}  {finding.part:9} {finding.found}{advice}"
