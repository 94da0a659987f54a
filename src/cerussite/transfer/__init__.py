"""From a spectral library to a site."""
