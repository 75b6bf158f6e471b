"""Names of the estimators of a mean that is no linear function of the regressors."""

from __future__ import annotations

POISSON, FRACTIONAL = "poisson", "fractional_logit"
NAMES = (POISSON, FRACTIONAL)
