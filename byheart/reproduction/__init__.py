"""The whole paper as one command: every experiment on the data of its figure, and one page of all claims."""
