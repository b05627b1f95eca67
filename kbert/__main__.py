"""`python -m kbert` is the `kbert` command."""

from kbert.cli.main import main

main()
