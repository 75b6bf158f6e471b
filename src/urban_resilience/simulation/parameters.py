"""Every constant of the simulation, with its source.

Sources: "Table 2" ... "Table 6" are printed tables of Yan, Xu and Zhang (2025); "text" is their
text; "calibrated" means chosen so that the computed panel meets one of those; "chosen" means a
plausible value that nothing in the study pins down.
"""

from __future__ import annotations

from dataclasses import dataclass

FIRST_YEAR = 2005  # raw years: capital needs a base year no later than 2006
LAST_YEAR = 2019
FIRST_STUDY_YEAR = 2008
YEARS = tuple(range(FIRST_YEAR, LAST_YEAR + 1))
STUDY_YEARS = tuple(range(FIRST_STUDY_YEAR, LAST_YEAR + 1))
MEMBER_YEARS = tuple(range(2002, LAST_YEAR + 1))  # text: the service opened in 2002
TABLE_YEARS = tuple(range(1995, 2019))  # OECD tables end in 2018
STUDY = slice(FIRST_STUDY_YEAR - FIRST_YEAR, len(YEARS))


@dataclass(frozen=True)
class Parameters:
    """Constants of one simulated data set.

    Pairs named ``*_moments`` are a mean and a standard deviation.
    """

    seed: int = 20250703  # chosen: month of publication and a counter

    # size of the data set
    n_cities: int = 284  # text
    n_dropped_cities: int = 3  # text: 284 crawled, 281 used
    n_never_cities: int = 4  # calibrated: the 1st percentile of vagg is 0 (Table 2)
    n_member_records: int = 1_128_000  # text
    n_members_2005: int = 1_150  # text: "1000-odd" members in 2005
    n_missing_cells: int = 195  # Table 2: 3,177 of 281 x 12 city-years
    n_broadband_missing_cells: int = 98  # Table 6: 3,079 of 3,177
    n_late_investment_cities: int = 1  # Table 5: 3,166 of 3,177

    # controls, winsorized moments over study city-years (Table 2)
    pop_moments: tuple[float, float] = (5.810, 0.889)
    open_moments: tuple[float, float] = (4.077, 1.582)
    fre_moments: tuple[float, float] = (8.966, 0.837)
    road_moments: tuple[float, float] = (2.701, 0.427)
    wage_moments: tuple[float, float] = (10.700, 0.408)
    edu_moments: tuple[float, float] = (4.641, 0.995)

    # correlation of city traits with the importance of the city (chosen; Table 3 column 3)
    pop_importance: float = 0.40
    open_importance: float = 0.60
    fre_importance: float = 0.45
    road_importance: float = 0.35
    wage_importance: float = 0.60
    edu_importance: float = 0.65
    population_importance: float = 0.45
    income_importance: float = 0.60
    digital_importance: float = 0.68
    members_importance: float = 0.75

    # resilience score of a city, loadings on standardized traits (calibrated: Table 3 column 3)
    resilience_on_pop: float = 0.15
    resilience_on_open: float = 0.25
    resilience_on_fre: float = 0.05
    resilience_on_road: float = 0.10
    resilience_on_wage: float = 0.30
    resilience_on_edu: float = 0.40
    resilience_on_importance: float = 0.30
    resilience_on_digital: float = -0.05
    resilience_noise: float = 0.76

    # virtual agglomeration (calibrated: Table 2 and within standard deviation about .17)
    vagg_log_spread: float = 1.85
    vagg_ceiling: float = 140
    vagg_within_spread: float = 0.80
    vagg_persistence: float = 0.55
    vagg_province_spread: float = 0.50
    vagg_early_premium: float = 1.4
    vagg_pilot_effect: float = 0.28
    digital_share_of_members: float = 0.08  # chosen: national share of digital-service members
    members_log_spread: float = 1.0  # chosen
    member_churn: float = 0.12  # chosen: yearly share of members that leave and are replaced

    # digital use of digital services per unit of output, last table (chosen, China-like)
    coefficient_telecom: float = 0.180
    coefficient_software: float = 0.130
    coefficient_publishing: float = 0.050
    coefficient_scale: float = 0.90  # calibrated: mean of vagg (Table 2)

    # total effect of vagg on resilience by group (Table 4, Table 3)
    effect_base: float = 0.0082
    effect_old_industrial: float = -0.0022
    effect_good_infrastructure: float = 0.0045
    effect_agglomeration: float = -0.007
    effect_yangtze_belt: float = -0.0060
    effect_interaction: float = 0.038  # per unit of centred agg; sign from the text
    effect_dense: float = -0.0120  # top quartile of agg; the text finds no effect there
    agg_effect: float = 0.010  # sign from the text
    pilot_effect: float = 0.0015  # sign from the text
    group_trend: float = 0.004  # chosen: integrated groups rise over the period

    # mechanisms (Tables 5 and 6)
    dist_l_on_vagg: float = -0.167
    resi_on_dist_l: float = -0.0024
    natural_deviation_kept: float = 0.35  # calibrated: within standard deviation of resilience
    resi_on_mp: float = 0.00006  # calibrated: .0016 per published unit of market potential
    resi_on_lmp: float = 0.0004  # chosen: local demand counts several times more (Table 6)
    resi_on_dsp: float = 12.0  # chosen: sign of the second measure of vagg, from the text
    market_province_spread: float = 0.115

    # within-city effects of the controls (calibrated: within R2 of Table 3 columns 2 and 4)
    within_pop: float = 0.01
    within_open: float = 0.0030
    within_fre: float = 0.0035
    within_road: float = 0.008
    within_wage: float = 0.017
    within_edu: float = 0.007

    # dimensions: size of effects relative to resilience (pattern of Tables 5 and 6)
    effect_share_resistance: float = 0.70
    effect_share_adaptation: float = 0.45
    effect_share_transformation: float = 1.45

    # structural error (calibrated: within R2 and standard errors of Table 3)
    error_relative_spread: float = 0.082
    error_persistence: float = 0.20
    error_on_vagg: float = 0.2

    @classmethod
    def scaled(cls, n_cities: int, seed: int = 20250703, **changes: float) -> Parameters:
        """Parameters of a smaller data set: counts shrink in proportion to the cities.

        Parameters
        ----------
        n_cities : int
            At least 40, so that gaps, dropped cities and groups still fit.
        seed : int
        **changes
            Any other field.

        Raises
        ------
        ValueError
            If `n_cities` is smaller than 40.
        """
        if n_cities < 40:
            raise ValueError("a simulated data set needs at least 40 cities")
        share = n_cities / cls.n_cities
        counts = {
            name: max(1, round(getattr(cls, name) * share))
            for name in (
                "n_dropped_cities", "n_never_cities", "n_member_records", "n_members_2005",
                "n_missing_cells", "n_broadband_missing_cells", "n_late_investment_cities",
            )
        }  # fmt: skip
        return cls(**({"seed": seed, "n_cities": n_cities} | counts | changes))
