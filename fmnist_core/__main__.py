"""`python -m fmnist_core`."""

import sys

from fmnist_core.cli import main

if __name__ == "__main__":
    sys.exit(main())
