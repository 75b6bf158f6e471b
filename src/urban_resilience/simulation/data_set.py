"""A simulated data set as files, from the draw to the truth."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from pathlib import Path

from urban_resilience.simulation.parameters import Parameters
from urban_resilience.simulation.simulate import simulate
from urban_resilience.simulation.truth import true_values
from urban_resilience.simulation.write import write_simulated_data


def write_data_set(
    out: Path,
    seed: int | None = None,
    seeds: Path | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> list[Path]:
    """Simulate every raw file of the study, and write them with their truth.

    Parameters
    ----------
    out
        Folder to write; files of the same names are replaced.
    seed
        Of all random draws; that of the parameters if absent.
    seeds
        Folder of the reference seeds; the project's if absent.
    say
        Called with a line on each step.

    Returns
    -------
    list of Path
    """
    started = time.perf_counter()

    def report(line: str) -> None:
        say(f"[{time.perf_counter() - started:5.1f} s] {line}")

    parameters = Parameters()
    if seed is not None:
        parameters = dataclasses.replace(parameters, seed=seed)
    data = simulate(parameters, seeds, report)
    report("truth")
    truth = true_values(data, data.panel())
    report("writing")
    paths = write_simulated_data(data, truth, out)
    counts = truth["expected_counts"]
    report(
        f"{len(paths)} files in {out}: {counts['n_member_records']} members, "
        f"{counts['n_kept_cities']} cities kept, {counts['n_estimation_sample']} city-years"
    )
    return paths
