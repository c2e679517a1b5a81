"""`python -m affect`."""

from affect.cli import main

if __name__ == "__main__":
    main(prog_name="affect")
