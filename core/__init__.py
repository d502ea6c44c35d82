"""Kalshi Flow without its window: everything here runs and tests with no Qt installed."""

__version__ = "0.1.0"
