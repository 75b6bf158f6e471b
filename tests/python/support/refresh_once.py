"""A refresh of the small build as a process of its own, to be killed: argument is its folder."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support.publishing import refresh_small

if __name__ == "__main__":
    print(refresh_small(Path(sys.argv[1])).line)
