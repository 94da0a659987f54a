"""Figures of the report: small SVG panels with text as text."""
