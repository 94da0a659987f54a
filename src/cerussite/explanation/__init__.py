"""Why a prediction is what it is: attribution by wavelength or covariate."""
