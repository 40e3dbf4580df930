"""API keys: made and shown once, later only revoked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import ForeignKey, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from triage.access import create_api_key, secret_hash
from triage.models import ApiKey

if TYPE_CHECKING:  # Django's own classes take no type arguments while they run
    Admin = admin.ModelAdmin[ApiKey]
else:
    Admin = admin.ModelAdmin


@admin.register(ApiKey)
class ApiKeyAdmin(Admin):
    list_display = ["prefix", "name", "user", "created_at", "revoked_at"]
    list_filter = [("revoked_at", admin.EmptyFieldListFilter), "created_at"]
    list_select_related = ["user"]
    search_fields = ["prefix", "name", "user__username"]
    show_full_result_count = False
    actions = ["revoke"]

    class Media:
        css = {"all": ["triage/admin.css"]}

    def has_change_permission(self, request: HttpRequest, obj: ApiKey | None = None) -> bool:
        """A key that could be handed to another user would open that user's cases."""
        return False

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("triage.change_apikey")

    def get_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> list[Any]:
        return ["user", "name"] if obj is None else ["prefix", "name", "user", "created_at", "revoked_at"]

    def get_autocomplete_fields(self, request: HttpRequest) -> list[str]:
        return ["user"] if _may_choose_the_user(request) else []

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> forms.ModelChoiceField[Any] | None:
        """A key acts as its user: whoever is not a superuser makes keys for themselves alone."""
        if db_field.name == "user":
            kwargs["initial"] = request.user.pk
            if not _may_choose_the_user(request):
                kwargs["queryset"] = User.objects.filter(username=request.user.get_username())
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """With one button: every key is shown before the next is made."""
        buttons = {"show_save_and_continue": False, "show_save_and_add_another": False}
        return super().add_view(request, form_url, {**(extra_context or {}), **buttons})

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        key = create_api_key(obj.user, obj.name)
        obj.pk = ApiKey.objects.get(key_hash=secret_hash("key", key)).pk
        obj.refresh_from_db()
        vars(obj)["shown_once"] = key  # for response_add alone: neither a cookie nor a session may hold it

    def response_add(self, request: HttpRequest, obj: ApiKey, post_url_continue: str | None = None) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _("New API key"),
            "opts": self.opts,
            "media": self.media,
            "owner": obj.user,
            "key": vars(obj)["shown_once"],
        }
        return TemplateResponse(request, "admin/triage/apikey/made.html", context)

    @admin.action(description=_("Revoke"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        """The first revocation counts."""
        count = queryset.filter(revoked_at=None).update(revoked_at=timezone.now())
        messages.success(request, ngettext("%d key was revoked.", "%d keys were revoked.", count) % count)


def _may_choose_the_user(request: HttpRequest) -> bool:
    return bool(getattr(request.user, "is_superuser", False))
