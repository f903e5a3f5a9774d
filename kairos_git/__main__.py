"""`python -m kairos_git`."""

from kairos_git.cli import main

main()
