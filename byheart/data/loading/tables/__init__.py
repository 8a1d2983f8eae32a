"""Tables in files: CSV, Parquet, Arrow and JSON lines, as labelled examples."""
