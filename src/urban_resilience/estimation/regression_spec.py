"""One regression, as a row of seed ``regression_specs`` states it."""

from __future__ import annotations

from dataclasses import dataclass

from urban_resilience.estimation.effects import columns_of
from urban_resilience.estimation.estimators.treatment_timing import TREATED, treated_by
from urban_resilience.estimation.least_squares.regression_sample import CLUSTERED

CITY = "city_code"


@dataclass(frozen=True)
class RegressionSpec:
    """One regression.

    Names are columns of the estimation panel. A fixed effect may join two of them
    (``province^year``) and have a slope (``city_code[year]``); ``cluster`` holds one or two names;
    ``sample_filter`` is a SQL condition. ``weights`` is a column, ``vcov`` the kind of errors
    (``clustered``, ``HC1``, ``iid``). ``formula`` is what the row was written as, if it was: its
    parts stand in the other fields (``specs.parse_specs``).

    The remaining fields belong to single designs and are empty elsewhere: ``instrument`` (iv, one
    or more), ``policy_id`` (the policy, and further ones beside it), ``timing`` and
    ``partial_pilots`` (did, event_study, psm_did, and a placebo whose treatment is a policy),
    ``batches`` of the policy (empty: all), ``event_window``, ``reference_period`` and
    ``event_ends`` (the years around treatment, by default -4 to 5, binned, relative to -1),
    ``matching``, ``matching_window``, ``matching_covariates`` (empty: the controls), ``caliper``,
    ``neighbours`` and ``bandwidth`` (psm_did), ``moderator`` (interaction, group_difference,
    mediation: the other variable of the design), ``n_draws`` and ``seed`` (everything that draws).
    """

    spec_id: str
    table_id: str
    column_id: str
    design: str
    estimator: str
    outcome: str
    treatment: str
    controls: tuple[str, ...]
    fixed_effects: tuple[str, ...]
    cluster: str
    sample_filter: str
    instrument: str = ""
    policy_id: str = ""
    timing: str = ""
    partial_pilots: str = ""
    matching: str = ""
    moderator: str = ""
    batches: tuple[str, ...] = ()
    matching_window: str = ""
    weights: str = ""
    vcov: str = CLUSTERED
    event_window: str = ""
    reference_period: int | None = None
    event_ends: str = ""
    matching_covariates: tuple[str, ...] = ()
    caliper: float | None = None
    neighbours: int | None = None
    bandwidth: float | None = None
    formula: str = ""
    n_draws: int | None = None
    seed: int | None = None

    @property
    def clusters(self) -> tuple[str, ...]:
        """The one or two columns that standard errors are clustered by."""
        return tuple(self.cluster.split())

    @property
    def instruments(self) -> tuple[str, ...]:
        """Instruments of the treatment."""
        return tuple(self.instrument.split())

    @property
    def policies(self) -> tuple[str, ...]:
        """The policy whose effect is asked for, then those that stand beside it."""
        return tuple(self.policy_id.split())

    @property
    def policy(self) -> str:
        """The policy whose effect is asked for; empty where there is none."""
        return self.policies[0] if self.policies else ""

    @property
    def other_treatments(self) -> tuple[str, ...]:
        """Columns of the dated treatments that further policies add."""
        return tuple(treated_by(policy) for policy in self.policies[1:])

    @property
    def covariates(self) -> tuple[str, ...]:
        """What cities are matched on."""
        return self.matching_covariates or self.controls

    @property
    def is_clustered(self) -> bool:
        """Whether errors are alike within clusters."""
        return self.vcov == CLUSTERED

    @property
    def drawing(self) -> tuple[int, int]:
        """Number of draws and seed of a design that draws.

        Raises
        ------
        ValueError
            One of them is empty, which the checks of the seed refuse.
        """
        if self.n_draws is None or self.seed is None:
            raise ValueError(f"{self.spec_id} draws: it needs n_draws and seed")
        return self.n_draws, self.seed

    @property
    def effect_columns(self) -> tuple[str, ...]:
        """Columns behind the fixed effects, joined ones taken apart, slopes among them."""
        try:
            return columns_of(self.fixed_effects)
        except ValueError:  # Which effect cannot be read, ``spec_faults`` says.
            return ()

    @property
    def effects_beside_city(self) -> tuple[str, ...]:
        """Fixed effects other than the city's, for designs that always absorb that one."""
        return tuple(effect for effect in self.fixed_effects if effect != CITY)

    @property
    def regressors(self) -> tuple[str, ...]:
        """Treatment first, then the controls."""
        return (self.treatment, *self.controls)

    @property
    def columns(self) -> tuple[str, ...]:
        """Every panel column the regression reads, each once."""
        named = (self.outcome, *self.regressors, *self.effect_columns, *self.clusters)
        extra = (*self.instruments, self.moderator, self.weights, *self.matching_covariates)
        names = dict.fromkeys((*named, *(name for name in extra if name)))
        return tuple(name for name in names if not (self.policy_id and name == TREATED))
