"""Simulated spectra and metals whose truth is known."""
