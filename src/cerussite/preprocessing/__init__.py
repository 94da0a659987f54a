"""Transforms of spectra and responses, and the choice of samples to analyse."""
