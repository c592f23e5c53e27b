"""study.toml to plan, run, results.json and report."""
