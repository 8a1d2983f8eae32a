"""Storage of results: netCDF files, checkpoints, tables, locks."""
