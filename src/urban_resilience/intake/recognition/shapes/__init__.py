"""Sheets in shapes that the readers do not know, brought into one that they know.

A shape is a function from a grid to grids, in a layout that ``recognize`` knows: one row per key
and one column per series, or one row per figure. It is strict, so that a sheet that is read as it
is stays as it is: it returns None where the sheet is not of the shape, and raises `Misfit` where it
nearly is. What it did stands in ``Grid.notes``, what it left out in ``Grid.left_out``; rows keep
their place in the file (``Grid.origins``).
"""

from __future__ import annotations

from collections.abc import Callable

from urban_resilience.intake.reading.grid import Grid
from urban_resilience.intake.recognition.shapes.areas_above import areas_above, without_city_proper
from urban_resilience.intake.recognition.shapes.carried import carried_down
from urban_resilience.intake.recognition.shapes.coded_headers import coded_headers
from urban_resilience.intake.recognition.shapes.firm_register import firm_register
from urban_resilience.intake.recognition.shapes.io_matrix import io_matrix
from urban_resilience.intake.recognition.shapes.io_records import io_records
from urban_resilience.intake.recognition.shapes.member_periods import member_periods
from urban_resilience.intake.recognition.shapes.member_records import member_records
from urban_resilience.intake.recognition.shapes.misfit import Misfit
from urban_resilience.intake.recognition.shapes.of_which import parts_named
from urban_resilience.intake.recognition.shapes.one_city import one_city
from urban_resilience.intake.recognition.shapes.outline import outlined
from urban_resilience.intake.recognition.shapes.place_and_year import place_and_year
from urban_resilience.intake.recognition.shapes.places_across import places_across
from urban_resilience.intake.recognition.shapes.places_and_years_across import (
    places_and_years_across,
)
from urban_resilience.intake.recognition.shapes.printed_table import printed_table
from urban_resilience.intake.recognition.shapes.series_of_places import series_of_places
from urban_resilience.intake.recognition.shapes.stub_and_year import stub_and_year
from urban_resilience.intake.recognition.shapes.value_of_title import value_of_title
from urban_resilience.intake.recognition.shapes.years_across import years_across
from urban_resilience.intake.recognition.shapes.years_below import years_below

# The first that fits is used.
SHAPES = (
    io_matrix,
    io_records,
    coded_headers,
    firm_register,
    member_periods,
    member_records,
    places_and_years_across,
    years_across,
    series_of_places,
    places_across,
    stub_and_year,
    place_and_year,
    years_below,
    one_city,
    value_of_title,
)


# Those that turn headers into rows, or take several rows for one header.
TURNED = (
    coded_headers,
    member_periods,
    places_and_years_across,
    years_across,
    series_of_places,
    places_across,
    stub_and_year,
    place_and_year,
    years_below,
    value_of_title,
)


def needs_memory(beginning: Grid) -> bool:
    """Whether a file of which this is the beginning can be read only as a whole."""
    return any(_fits(shape, beginning) for shape in TURNED)


def _fits(shape: Callable[[Grid], list[Grid] | None], grid: Grid) -> bool:
    try:
        return shape(grid) is not None
    except Misfit:
        return False


def reshape(grid: Grid) -> tuple[list[Grid], str]:
    """Bring a sheet into a known shape.

    Returns
    -------
    tuple of (list of Grid, str)
        The sheet in known shapes, empty where no shape fits; and why one that nearly fits does not.
    """
    reason = ""
    # What print adds is taken away first: the rest may be of any shape.
    whole = parts_named(areas_above(without_city_proper(grid)))
    plain = outlined(carried_down(printed_table(whole)))
    for shape in SHAPES:
        try:
            shaped = shape(plain)
        except Misfit as misfit:
            reason = reason or str(misfit)
            continue
        if shaped is not None:
            return shaped, ""
    return ([], reason) if plain is grid else ([plain], reason)
