"""How bad, by which standard: indices, guidelines, censored values, health risk."""
