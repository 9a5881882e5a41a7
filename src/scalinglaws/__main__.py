"""`python -m scalinglaws` is the console script."""

from scalinglaws.cli import main

if __name__ == "__main__":
    main(prog_name="scalinglaws")
