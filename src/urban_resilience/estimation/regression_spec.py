"""One regression, as a row of seed ``regression_specs`` states it."""

from __future__ import annotations

from dataclasses import dataclass

from urban_resilience.estimation.estimators.treatment_timing import TREATED

CITY = "city_code"


@dataclass(frozen=True)
class RegressionSpec:
    """One regression.

    Names are columns of the estimation panel. A fixed effect may join two of them
    (``province^year``); ``cluster`` holds one or two names; ``sample_filter`` is a SQL condition.
    The remaining fields belong to single designs and are empty elsewhere: ``instrument`` (iv),
    ``policy_id``, ``timing`` and ``partial_pilots`` (did, event_study, psm_did, and a placebo whose
    treatment is a policy), ``batches`` of the policy (empty: all), ``matching`` and
    ``matching_window`` (psm_did, the window may be empty), ``moderator`` (interaction,
    group_difference, mediation: the other variable of the design), ``n_draws`` and ``seed``
    (everything that draws).
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
    n_draws: int | None = None
    seed: int | None = None

    @property
    def clusters(self) -> tuple[str, ...]:
        """The one or two columns that standard errors are clustered by."""
        return tuple(self.cluster.split())

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
        """Columns behind the fixed effects, joined ones taken apart."""
        return tuple(name for effect in self.fixed_effects for name in effect.split("^"))

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
        extra = (self.instrument, self.moderator)
        names = dict.fromkeys((*named, *(name for name in extra if name)))
        return tuple(name for name in names if not (self.policy_id and name == TREATED))
