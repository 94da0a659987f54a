"""A results folder in, one HTML page out."""

from cerussite.reporting.writing import write_report

__all__ = ["write_report"]
