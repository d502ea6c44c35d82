"""Painted leaves."""
