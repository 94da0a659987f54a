"""A results folder in, one HTML page out."""
