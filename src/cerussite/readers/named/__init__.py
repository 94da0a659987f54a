"""One module a public data set or family of data sets."""
