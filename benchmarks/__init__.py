"""What is fast, measured: the project's compiled SQL beside its peers in the same run.

``python -m benchmarks [NAME] [--quick]`` from the project root prints the tables of a benchmark
and writes them to ``benchmarks/output/``. NAME is ``build``, ``member``, ``entropy``, ``intake``,
``refresh`` or ``resampling``, or ``all`` of these (the default); ``scale`` (`make bench-scale`),
``skew``, ``size`` and ``coverage`` take many minutes and run by name only. Ratios within one run
are what counts: absolute times are those of the machine named in the header. Data are simulated,
unless ``RAW_DATA_DIR`` names a folder; generated files go to a temporary folder (``TMPDIR``; 100
million records need 6 GB of disk) and are deleted. No target is asserted: the report says ``met``
or ``missed``.

Where new code goes:

========================  ===========================================================
machine.py                what is printed about the machine and the versions
isolated.py               one function in its own process: seconds and peak memory
project.py                calls of dbt and of the simulator, each in its own folder
compiled.py               the SQL that `dbt compile` wrote, as statements in order
build_profile.py          build: `dbt build`, node by node
synthetic_members.py      generated firm records
member_workers.py         the member stage and its peers, one function each
member_stage.py           member: their comparison at several sizes
scale.py                  scale: engines from 1 to 100 million records, within 2 GB
scale_workers.py          a million region-years through the indices
spark_workers.py          Spark beside them, and what its tasks sent each other
skew.py                   skew: what a cluster would shuffle of skewed cities
skew_workers.py           counts of skewed records, task by task
spill.py                  what DuckDB puts aside on disk
entropy_workers.py        the entropy weights and their peers, one function each
entropy.py                entropy: their comparison
intake_workers.py         the intake of large files, one function each
intake.py                 intake: their time and memory
refresh.py                refresh: `make refresh` beside a bare `dbt build`
synthetic_panels.py       generated panels of the study's shape
resampling_peers.py       loops of feols, and wildboottest
resampling.py             resampling: the library beside them
group_difference_size.py  size: how often a group difference is found that is none
coverage_panels.py        panels whose true effect is known
coverage_readings.py      the study's estimators on one of them
coverage_designs.py       which estimators read which panels
coverage.py               coverage: their bias and the coverage of their intervals
bars.py                   a target and whether it was met
report.py                 Markdown and JSON
========================  ===========================================================
"""
