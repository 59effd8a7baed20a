"""The prevalence study: audit samples, agreement of raters, estimates with intervals."""
