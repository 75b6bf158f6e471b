"""Each policy question in analyses/ compiles and has an answer."""

import pytest

from support.dbt import ROOT, run_dbt
from support.questions import page

ANALYSES = sorted(path.stem for path in (ROOT / "analyses").glob("*.sql"))
# What a question is about, where a data set may not have it at all.
ASKED_OF = {"virtual_without_geographic": "agg"}
# Nothing is revised in a first build: test_revisions.py asks it after a second one.
ABOUT_REVISIONS = "revisions_and_ranks"


@pytest.fixture(scope="module")
def compiled(data_set, request, tmp_path_factory):
    """The SQL of the analyses, compiled against a copy of the warehouse of the data set."""
    workspace = tmp_path_factory.mktemp("analyses")
    request.getfixturevalue(f"{data_set}_run").copied_to(workspace)
    finished = run_dbt(
        *("compile", "--select", "resource_type:analysis"),
        raw=request.getfixturevalue(f"{data_set}_raw"),
        workspace=workspace,
    )
    return finished.target / "compiled" / "urban_resilience" / "analyses"


def test_there_are_analyses():
    assert len(ANALYSES) >= 15


def test_the_page_of_questions_shows_these_answers(simulated_run, compiled, data_set, warehouse):
    """`target/questions.md` is the page as it should be."""
    if data_set != "simulated":
        pytest.skip("the page shows the simulated data")
    answers = {}
    for analysis in ANALYSES:
        text = (ROOT / "analyses" / f"{analysis}.sql").read_text(encoding="utf-8")
        query = (compiled / f"{analysis}.sql").read_text(encoding="utf-8")
        answers[analysis] = (text, warehouse.frame(query.strip().rstrip(";")))
    expected = page(answers)
    (ROOT / "target" / "questions.md").write_text(expected, encoding="utf-8")
    assert (ROOT / "docs" / "questions.md").read_text(encoding="utf-8") == expected


@pytest.mark.parametrize("analysis", ANALYSES)
def test_analysis_can_be_shown_with_a_limit(analysis):
    """`dbt show` puts a limit of its own behind it, which a second one would break."""
    last = (ROOT / "analyses" / f"{analysis}.sql").read_text(encoding="utf-8").split("select")[-1]
    assert "\nlimit " not in last


@pytest.mark.parametrize("analysis", ANALYSES)
def test_analysis_returns_rows(warehouse, compiled, analysis):
    query = (compiled / f"{analysis}.sql").read_text(encoding="utf-8")
    rows = warehouse.frame(query.strip().rstrip(";"))
    if analysis == ABOUT_REVISIONS:
        assert rows.empty
        return
    variable = ASKED_OF.get(analysis)
    if variable and not warehouse.value(
        f"select count({variable}) from panel.fct_estimation_panel"
    ):
        assert rows.empty
        return
    assert len(rows) > 0
    # A column of nothing but nulls answers no question.
    assert not rows.isna().all(axis=0).any(), rows.columns[rows.isna().all(axis=0)].tolist()


@pytest.mark.parametrize("analysis", ANALYSES)
def test_analysis_opens_with_its_question(analysis):
    text = (ROOT / "analyses" / f"{analysis}.sql").read_text(encoding="utf-8").lstrip()
    assert text.startswith(("{#", "--", "/*"))
    assert "?" in text.partition("\nwith ")[0]
