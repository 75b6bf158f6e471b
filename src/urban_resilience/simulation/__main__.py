"""Write a simulated data set: ``python -m urban_resilience.simulation --out data/simulated``."""

from __future__ import annotations

import argparse
import dataclasses
import sys
import time
from pathlib import Path

from urban_resilience.simulation.parameters import Parameters
from urban_resilience.simulation.simulate import simulate
from urban_resilience.simulation.truth import true_values
from urban_resilience.simulation.write import write_simulated_data


def main(arguments: list[str] | None = None) -> int:
    """Simulate, write, and say what is being done."""
    options = _parser().parse_args(arguments)
    started = time.perf_counter()

    def report(line: str) -> None:
        print(f"[{time.perf_counter() - started:5.1f} s] {line}", flush=True)

    parameters = Parameters()
    if options.seed is not None:
        parameters = dataclasses.replace(parameters, seed=options.seed)
    data = simulate(parameters, options.seeds, report)
    report("truth")
    truth = true_values(data, data.panel())
    report("writing")
    paths = write_simulated_data(data, truth, options.out)
    counts = truth["expected_counts"]
    report(
        f"{len(paths)} files in {options.out}: {counts['n_member_records']} members, "
        f"{counts['n_kept_cities']} cities kept, {counts['n_estimation_sample']} city-years"
    )
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m urban_resilience.simulation",
        description="Write simulated raw data with a known truth.",
    )
    parser.add_argument("--out", type=Path, default=Path("data/simulated"), help="folder to write")
    parser.add_argument("--seed", type=int, default=None, help="seed of all random draws")
    parser.add_argument("--seeds", type=Path, default=None, help="folder of the reference seeds")
    return parser


if __name__ == "__main__":
    sys.exit(main())
