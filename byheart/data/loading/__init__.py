"""Loading data: from files, known sources and downloads."""
