"""Dialogs, opened and never exec'd inside a coroutine."""
