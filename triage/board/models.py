"""What the board remembers: the schedule's jobs, and how each lane fared minute by minute."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ScheduledJob(models.Model):
    """A job of the schedule and how it last went. Written by `board.schedule` alone.

    `last_started_at` is also what keeps two schedules from doing the work twice. `failures` are those in a row.
    """

    name = models.CharField(_("name"), max_length=40, primary_key=True)
    last_started_at = models.DateTimeField(_("started"), null=True, blank=True)
    last_finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    milliseconds = models.PositiveIntegerField(_("milliseconds"), default=0)
    outcome = models.CharField(_("outcome"), max_length=80, blank=True, default="")
    failures = models.PositiveIntegerField(_("failures"), default=0)

    class Meta:
        verbose_name = _("scheduled job")
        verbose_name_plural = _("scheduled jobs")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ModelDay(models.Model):
    """What a paid analyzer was asked on one day (UTC) and what that cost. Written by `board.spending` alone.

    `dollars` leaves out answers whose price is not known, which `unpriced` counts.
    """

    day = models.DateField(_("day"))
    analyzer = models.CharField(_("analyzer"), max_length=120)
    answers = models.PositiveIntegerField(default=0)
    unpriced = models.PositiveIntegerField(default=0)
    tokens = models.PositiveBigIntegerField(default=0)
    milliseconds = models.PositiveBigIntegerField(default=0)
    dollars = models.FloatField(default=0.0)

    class Meta:
        verbose_name = _("day of a model")
        verbose_name_plural = _("days of models")
        ordering = ["-day", "analyzer"]
        constraints = [models.UniqueConstraint(fields=["day", "analyzer"], name="one_row_per_model_and_day")]

    def __str__(self) -> str:
        return f"{self.analyzer} {self.day}"


class LaneMinute(models.Model):
    """One lane in one minute that is over. Written by `board.minutes` alone, which says what is counted.

    `waiting` and `running` are as they were when the minute ended; `wait_p50` and `wait_p95` in seconds, of those
    that began in it.
    """

    lane = models.CharField(_("lane"), max_length=12)
    minute = models.DateTimeField(_("minute"))
    waiting = models.PositiveIntegerField(default=0)
    running = models.PositiveIntegerField(default=0)
    started = models.PositiveIntegerField(default=0)
    completed = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    wait_p50 = models.FloatField(null=True, blank=True)
    wait_p95 = models.FloatField(null=True, blank=True)

    class Meta:
        verbose_name = _("minute of a lane")
        verbose_name_plural = _("minutes of lanes")
        ordering = ["minute", "lane"]
        constraints = [models.UniqueConstraint(fields=["minute", "lane"], name="one_row_per_lane_and_minute")]

    def __str__(self) -> str:
        return f"{self.lane} {self.minute:%H:%M}"
