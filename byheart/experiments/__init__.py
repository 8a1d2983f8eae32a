"""The experiments of the paper: settings by scale, sweeps, claims and figures."""
