"""Files as people have them: any folder of files to a folder in the raw contract.

``prepare(raw_dir, out_dir)`` runs before dbt; ``urban-resilience check-data`` says what it would
do, ``urban-resilience template`` writes empty forms.
"""

from urban_resilience.intake.conversion.report import IntakeReport, SourceReport
from urban_resilience.intake.prepare import inspect, prepare
from urban_resilience.intake.recognition.sources import data_origin
from urban_resilience.shared.problems import IntakeError, Problem

__all__ = [
    "IntakeError",
    "IntakeReport",
    "Problem",
    "SourceReport",
    "data_origin",
    "inspect",
    "prepare",
]
