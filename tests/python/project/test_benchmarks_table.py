"""The table at the head of ``benchmarks`` names every module and every command."""

import re
from pathlib import Path

import benchmarks
from benchmarks.__main__ import BENCHMARKS, ON_REQUEST

FOLDER = Path(benchmarks.__file__).parent
# Module and what is said of it; the text of one that runs by name begins with that name.
ROWS = dict(re.findall(r"^(\w+\.py) +(\S.*)$", benchmarks.__doc__, re.MULTILINE))


def test_every_module_is_in_the_table():
    modules = {path.name for path in FOLDER.glob("*.py")} - {"__init__.py", "__main__.py"}
    assert set(ROWS) == modules


def test_every_command_is_named_with_its_module():
    commands = BENCHMARKS | ON_REQUEST
    said = {
        text.split(":")[0]: module.removesuffix(".py")
        for module, text in ROWS.items()
        if text.split(":")[0] in commands
    }
    assert said == commands
    above = benchmarks.__doc__.split("====")[0]
    assert all(f"``{command}``" in above for command in commands)
