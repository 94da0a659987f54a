"""Was it any good: metrics, splits and comparisons."""
