"""A results folder in, one HTML page out."""

from cerussite.reporting.page import write_report

__all__ = ["write_report"]
