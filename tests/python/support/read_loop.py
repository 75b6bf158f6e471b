"""A reader as a process of its own: query the published file again and again until told to stop.

Arguments: the warehouse file, and a file whose appearance means stop. Prints what it saw as JSON.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support.publishing import values_read

if __name__ == "__main__":
    warehouse, stop = map(Path, sys.argv[1:])
    print("ready", flush=True)
    seen, faults, reads = set(), [], 0
    while not stop.exists() or reads == 0:
        try:
            values = values_read(warehouse)
            if len(values) != 1:
                faults.append(f"a blend of {values}")
            seen |= values
        except Exception as error:
            faults.append(repr(error))
        reads += 1
    print(json.dumps({"seen": sorted(seen), "faults": faults[:3], "reads": reads}))
