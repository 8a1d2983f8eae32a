"""Pages: what all self-contained HTML pages share, of runs, comparisons and audits."""
