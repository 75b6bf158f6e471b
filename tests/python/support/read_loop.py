"""A reader as a process of its own: query the published file again and again until told to stop.

Arguments: the warehouse file, a file whose appearance means stop, and the tables to read. Prints
what it saw as JSON. Imports no more than it needs: twenty of these start at once.
"""

import json
import os
import sys
import time

import duckdb


def read(warehouse: str, tables: list[str]) -> set[int]:
    with duckdb.connect(warehouse, read_only=True) as connection:
        return {
            value
            for table in tables
            for (value,) in connection.execute(f"select distinct value from {table}").fetchall()
        }


if __name__ == "__main__":
    warehouse, stop, *tables = sys.argv[1:]
    print("ready", flush=True)
    seen, faults, reads = set(), [], 0
    while not os.path.exists(stop) or reads == 0:
        try:
            values = read(warehouse, tables)
            if len(values) != 1:
                faults.append(f"a blend of {values}")
            seen |= values
        except Exception as error:
            faults.append(repr(error))
        reads += 1
        # Twenty that never rest would leave the refresh no processor.
        time.sleep(0.4)
    print(json.dumps({"seen": sorted(seen), "faults": faults[:3], "reads": reads}))
