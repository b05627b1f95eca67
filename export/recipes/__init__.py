"""Export recipes, one TOML file a deployment target; `kbert export --recipe NAME` reads them from here."""
