"""A study file in, a results folder out."""
