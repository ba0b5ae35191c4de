"""The learning rates that `benchmarks/search_rates.py` found."""

import csv
from pathlib import Path

FILE = Path(__file__).parents[1] / "benchmarks" / "rates.csv"

with FILE.open(newline="", encoding="utf-8") as file:
    # (task, hidden layers, activation) → rate
    RATES = {
        (row["task"], int(row["hidden layers"]), row["activation"]): float(row["rate"])
        for row in csv.DictReader(file)
    }
