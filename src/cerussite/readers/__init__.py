"""A file or a library layout in, a checked survey out."""
