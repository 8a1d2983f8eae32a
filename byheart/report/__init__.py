"""The report of a run: its page, figures, tables and claims.json."""
