"""`python -m byheart` is the command `byheart`."""

from byheart.cli.main import command

if __name__ == "__main__":
    command()
