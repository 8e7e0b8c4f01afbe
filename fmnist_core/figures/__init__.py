"""Charts: arrays and tables in, a plotly Figure out. Nothing is computed here, and nothing is shown."""
