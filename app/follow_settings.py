"""Which markets to follow, kept from one start to the next."""

from dataclasses import replace

from PySide6.QtCore import QSettings

from core.market.discovery import MOST_MARKETS, activity_of
from core.runtime.commands import FollowMarkets
from core.settings import Settings

_LIMIT = "follow/limit"
_SERIES = "follow/series"
_EVENTS = "follow/events"
_CATEGORIES = "follow/categories"
_LEAST = "follow/least_volume_lots"
_ACTIVITY = "follow/activity"


def kept(settings: QSettings) -> FollowMarkets:
    """Return what was kept last; what cannot be read is as at the first start."""
    return FollowMarkets(
        limit=min(MOST_MARKETS, _number(settings, _LIMIT) or Settings.markets),
        series=names(str(settings.value(_SERIES, ""))),
        events=names(str(settings.value(_EVENTS, ""))),
        categories=names(str(settings.value(_CATEGORIES, ""))),
        least_volume_lots=_number(settings, _LEAST),
        activity=activity_of(settings.value(_ACTIVITY)),
    )


def keep(settings: QSettings, asked: FollowMarkets) -> None:
    """Keep this for the next start."""
    settings.setValue(_LIMIT, asked.limit)
    settings.setValue(_SERIES, "; ".join(asked.series))
    settings.setValue(_EVENTS, "; ".join(asked.events))
    settings.setValue(_CATEGORIES, "; ".join(asked.categories))
    settings.setValue(_LEAST, asked.least_volume_lots)
    settings.setValue(_ACTIVITY, asked.activity)


def applied(asked: FollowMarkets, settings: Settings) -> Settings:
    """Return a run's settings with these markets."""
    return replace(
        settings,
        markets=asked.limit,
        series=asked.series,
        events=asked.events,
        categories=asked.categories,
        activity=asked.activity,
        least_volume_lots=asked.least_volume_lots,
    )


def without_names(asked: FollowMarkets) -> FollowMarkets:
    """Return the same, of whatever markets there are: a recording has its own."""
    return FollowMarkets(limit=asked.limit, activity=asked.activity)


def of(settings: Settings) -> FollowMarkets:
    """Return what a run's settings follow."""
    return FollowMarkets(
        limit=settings.markets,
        series=settings.series,
        events=settings.events,
        categories=settings.categories,
        least_volume_lots=settings.least_volume_lots,
        activity=activity_of(settings.activity),
    )


def names(text: str) -> tuple[str, ...]:
    """Return the names of a list; commas and semicolons part them, each counts once."""
    parts = (part.strip() for part in text.replace(",", ";").split(";"))
    return tuple(dict.fromkeys(part for part in parts if part))


def _number(settings: QSettings, key: str) -> int:
    text = str(settings.value(key, ""))
    return int(text) if text.isdecimal() else 0
