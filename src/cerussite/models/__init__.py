"""Calibrations: scikit-learn estimators from spectra to concentrations."""
