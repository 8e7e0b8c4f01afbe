"""What five papers claim for their networks, what comes out when they are trained here, and what cannot be true.

documents    the papers: summary, tables, printed reports, figures; a TOML table for each
results      what was measured: assets/papers/results.csv, histories.csv and predictions.npz
running      train what has not been measured yet, and record it
verdicts     claim and result compared
checks       contradictions, computed from what a paper prints
literature   figures from elsewhere, claims all of them
leaderboard  runs and claims by accuracy, size, time and operations
"""
