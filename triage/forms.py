"""What people send from the pages, checked before any verb sees it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

LONGEST_MESSAGE = 10_000  # characters; the verbs refuse more


class StartForm(forms.Form):
    flow = forms.CharField(max_length=40)
    text = forms.CharField(max_length=LONGEST_MESSAGE, required=False, strip=True)
    consent = forms.BooleanField(
        error_messages={"required": _("Please tick this box first: without your agreement we may not keep your words.")}
    )
    key = forms.CharField(max_length=200, required=False)


class SayForm(forms.Form):
    """`choice` is a button, `day` a calendar, `text` the person's own words; the first that was used counts."""

    choice = forms.CharField(max_length=400, required=False)
    day = forms.DateField(required=False, input_formats=["%Y-%m-%d"])
    text = forms.CharField(max_length=LONGEST_MESSAGE, required=False, strip=True)
    question_id = forms.CharField(max_length=40, required=False)
    key = forms.CharField(max_length=200, required=False)


class ContactForm(forms.Form):
    name = forms.CharField(max_length=120, required=False)
    phone = forms.RegexField(
        r"^[0-9+().\s-]{8,40}$",
        required=False,
        error_messages={"invalid": _("Please write the phone number with its area code.")},
    )
    email = forms.EmailField(max_length=254, required=False)
    safe_to_call = forms.TypedChoiceField(
        choices=[("yes", _("Yes")), ("no", _("No"))],
        coerce=lambda value: value == "yes",
        empty_value=None,
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not cleaned.get("phone") and not cleaned.get("email"):
            raise forms.ValidationError(_("Please leave a phone number or an e-mail address, whichever is safer."))
        if cleaned.get("phone") and cleaned.get("safe_to_call") is None:
            self.add_error("safe_to_call", _("Please also say whether a call is safe, so that we bring you no danger."))
        return cleaned


class BatchForm(forms.Form):
    flow = forms.CharField(max_length=40)
    language = forms.CharField(max_length=10)
    file = forms.FileField(
        max_length=500,
        error_messages={
            "required": _("Please choose a file."),
            "missing": _("Please choose a file."),
            "empty": _("The file is empty."),
        },
    )


class ReturnForm(forms.Form):
    code = forms.CharField(max_length=60)
