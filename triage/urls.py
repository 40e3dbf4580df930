"""Addresses of the pages."""

from __future__ import annotations

from django.urls import path, re_path

from triage.pages import batches, board, conversation, keeping, progress, quality, result, start

urlpatterns = [
    path("", start.start, name="start"),
    path("cases/", keeping.cases, name="cases"),
    path("cases/forget/", keeping.forget, name="forget"),
    path("cases/<slug:case_id>/", conversation.case, name="case"),
    path("cases/<slug:case_id>/say/", conversation.say, name="say"),
    path("cases/<slug:case_id>/finish/", conversation.finish, name="finish"),
    path("cases/<slug:case_id>/retry/", conversation.retry, name="retry"),
    path("cases/<slug:case_id>/stop/", conversation.stop, name="stop"),
    path("cases/<slug:case_id>/progress/", progress.progress, name="progress"),
    path("cases/<slug:case_id>/result/", result.result, name="result"),
    path("cases/<slug:case_id>/contact/", keeping.contact, name="contact"),
    path("cases/<slug:case_id>/return-code/", keeping.return_code, name="return_code"),
    path("return/", keeping.return_, name="return"),
    path("board/", board.board, name="board"),
    path("board/quality/", quality.board_quality, name="board_quality"),
    path("board/parts/", board.parts, name="board_parts"),
    path("board/retry/", board.retry_all, name="board_retry_all"),
    path("board/runs/<slug:run_id>/retry/", board.retry, name="board_retry"),
    path("board/runs/<slug:run_id>/discard/", board.discard, name="board_discard"),
    path("board/alerts/<int:alert_id>/acknowledge/", board.acknowledge, name="board_acknowledge"),
    path("batches/", batches.batches, name="batches"),
    path("batches/<slug:batch_id>/", batches.batch, name="batch"),
    re_path(r"^batches/(?P<batch_id>\w+)/(?P<deed>start|pause|resume|cancel)/$", batches.act, name="batch_act"),
    re_path(r"^batches/(?P<batch_id>\w+)/results\.(?P<format_>csv|jsonl)$", batches.results, name="batch_results"),
]
