"""Errors, array types and the two value objects that travel between rooms."""
