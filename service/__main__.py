"""`python -m service` is the same as `dateline`."""

from service.cli import main

main()
