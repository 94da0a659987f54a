"""Constants as packaged tables: one row a value, with source, year and check."""
