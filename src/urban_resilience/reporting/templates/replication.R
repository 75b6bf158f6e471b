
# Rscript replication.R        with fixest
# Rscript replication.R plm    with plm and sandwich
# Names of tables behind it run those alone: Rscript replication.R table_3 iv did
form <- if ("plm" %in% commandArgs(TRUE)) "plm" else "fixest"
tables <- setdiff(commandArgs(TRUE), "plm")
for (package in if (form == "plm") c("plm", "sandwich") else "fixest") {
  if (!requireNamespace(package, quietly = TRUE)) {
    other <- if (form == "plm") "" else ", or use the other form: Rscript replication.R plm"
    cat(sprintf("%s is not installed: install.packages(\"%s\")%s\n", package, package, other),
        file = stderr())
    quit(status = 1)
  }
}
panel <- read.csv(data, colClasses = c(city_code = "character"), encoding = "UTF-8")

joined <- function(names) paste(names, collapse = " + ")

with_fixest <- function(spec, rows) {
  first <- if (length(spec$instruments)) spec$controls else c(spec$treatment, spec$controls)
  text <- paste(spec$outcome, "~", if (length(first)) joined(first) else "1")
  if (length(spec$effects)) text <- paste(text, "|", joined(spec$effects))
  if (length(spec$instruments)) {
    text <- paste(text, "|", spec$treatment, "~", joined(spec$instruments))
  }
  errors <- if (spec$vcov == "clustered") as.formula(paste("~", joined(spec$clusters))) else spec$vcov
  fit <- fixest::feols(as.formula(text), rows, vcov = errors, notes = FALSE)
  term <- if (length(spec$instruments)) paste0("fit_", spec$treatment) else spec$treatment
  list(estimate = coef(fit)[[term]], std_error = fixest::se(fit)[[term]], n_obs = nobs(fit))
}

# Coefficients by plm. Standard errors by sandwich, on what is left when the effects are taken out,
# times the small-sample factor of reghdfe: effects of the clusters themselves cost nothing.
with_plm <- function(spec, rows) {
  known <- c("city_code", "year")
  if (!all(spec$effects %in% known)) return("plm absorbs effects of units and years only")
  if (spec$vcov != "clustered" || length(spec$clusters) != 1) return("errors of another kind")
  right <- c(spec$treatment, spec$controls)
  text <- paste(spec$outcome, "~", joined(right))
  if (length(spec$instruments)) {
    text <- paste(text, "|", joined(c(spec$instruments, spec$controls)))
  }
  effect <- if (length(spec$effects) == 2) "twoways" else if ("year" %in% spec$effects) "time" else "individual"
  model <- if (length(spec$effects)) "within" else "pooling"
  fit <- plm::plm(as.formula(text), rows, index = known, effect = effect, model = model)
  estimate <- coef(fit)[[spec$treatment]]

  columns <- as.matrix(rows[unique(c(spec$outcome, right, spec$instruments))])
  if (length(spec$effects)) {
    dummies <- model.matrix(as.formula(paste("~", joined(sprintf("factor(%s)", spec$effects)))), rows)
    columns[] <- qr.resid(qr(dummies), columns)
  } else {
    columns <- cbind(columns, constant = 1)
    right <- c(right, "constant")
  }
  y <- columns[, spec$outcome]
  x <- columns[, right, drop = FALSE]
  fitted <- x
  if (length(spec$instruments)) {
    z <- columns[, c(spec$instruments, right[-1]), drop = FALSE]
    fitted[, 1] <- fitted(lm(x[, 1] ~ 0 + z))
  }
  second <- lm(y ~ 0 + fitted)
  second$residuals <- y - drop(x %*% coef(second))
  cluster <- rows[[spec$clusters]]
  covariance <- sandwich::vcovCL(second, cluster = cluster, type = "HC0", cadjust = FALSE)
  groups <- length(unique(cluster))
  levels <- 0
  for (name in spec$effects) {
    is_nested <- all(tapply(cluster, rows[[name]], function(of) length(unique(of))) == 1)
    if (!is_nested) levels <- levels + length(unique(rows[[name]])) - 1
  }
  parameters <- length(right) + as.numeric(length(spec$effects) > 0) + levels
  n <- nrow(rows)
  factor <- groups / (groups - 1) * (n - 1) / (n - parameters)
  list(estimate = estimate, std_error = sqrt(covariance[1, 1] * factor), n_obs = n)
}

if (nzchar(banner)) cat(banner, "\n", sep = "")
cat("with ", form, ": regression, ours, theirs, our s.e., their s.e., our N, their N\n", sep = "")
largest <- 0
for (spec in specs) {
  if (length(tables) && !(spec$table %in% tables)) next
  rows <- panel[panel[[spec$sample]] == 1, ]
  found <- if (form == "plm") with_plm(spec, rows) else with_fixest(spec, rows)
  if (is.character(found)) {
    cat(sprintf("%-44s not run: %s\n", spec$id, found))
    next
  }
  cat(sprintf("%-44s %13.8f %13.8f %13.8f %13.8f %8.0f %8.0f\n", spec$id, spec$estimate,
              found$estimate, spec$std_error, found$std_error, spec$n_obs, found$n_obs))
  apart <- abs(c(found$estimate - spec$estimate, found$std_error - spec$std_error)) / spec$std_error
  largest <- max(largest, apart)
}
cat(sprintf("largest difference, in standard errors: %.2e\n", largest))
