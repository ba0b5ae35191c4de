"""`python -m bend` is the same as `bend`."""

from bend.cli import main

main(prog_name="bend")
