"""`create_api_key`: a key for a program that acts for a user."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandError

from triage.access import create_api_key
from triage.management.plain_command import PlainCommand


class Command(PlainCommand):
    help = "Make an API key for a user and print it, once: only its hash is kept. The admin can revoke it."
    examples = (
        "  manage.py create_api_key maria --name 'intake form'\n"
        '  curl -H "Authorization: Bearer $(manage.py create_api_key maria)" …'
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", help="the user name whose rights the key has")
        parser.add_argument("--name", default="", help="what the key is for, to tell it from others")

    def handle(self, *_args: Any, **options: Any) -> None:
        longest = 80
        if len(options["name"]) > longest:
            raise CommandError(f"The name has more than {longest} characters.")
        user = User.objects.filter(username=options["user"]).first()
        if user is None:
            raise CommandError(f"There is no user '{options['user']}'; `manage.py createsuperuser` makes one.")
        if not user.is_active:
            raise CommandError(f"The user '{user.username}' is not active, so a key would open nothing.")
        self.stdout.write(create_api_key(user, options["name"]))
        self.stderr.write("Keep it safe: it is not shown again. Send it as `Authorization: Bearer <key>`.")
