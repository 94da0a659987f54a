"""Where it comes from: receptor models and their errors."""
