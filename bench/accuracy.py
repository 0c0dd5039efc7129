#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The tables of test errors out of the runs that bench/accuracy.sh left: mean and spread over the seeds.

    accuracy.py RUNS"""
import collections
import csv
import json
import pathlib
import re
import statistics
import sys

TARGETS = {"k": "log10 K (GPa)", "g": "log10 G (GPa)", "k15": "log10 K (GPa), elastic_tensor_2015",
           "g15": "log10 G (GPa), elastic_tensor_2015", "e": "formation energy (eV/atom)", "s": "space group"}
LAST_OF_SYSTEM = (2, 15, 74, 142, 167, 194, 230)  # triclinic to cubic


def crystal_system(space_group):
    return next(i for i, last in enumerate(LAST_OF_SYSTEM) if space_group <= last)


def score(run):
    """(MAE,) of a regression; (accuracy of the space group, of the crystal system that follows from it)."""
    test = json.loads((run / "test.json").read_text())
    if "mae" in test["metrics"]:
        return (test["metrics"]["mae"],)
    with open(run / "test.csv") as file:
        pairs = [(int(float(row["target"])), int(float(row["prediction"]))) for row in csv.DictReader(file)]
    equal = [(a == b, crystal_system(a) == crystal_system(b)) for a, b in pairs]
    return tuple(sum(column) / len(pairs) for column in zip(*equal))


def written(scores):
    """Mean, with the standard deviation where there are more seeds than one."""
    form = "{:.1f} %" if len(scores[0]) > 1 else "{:.4f}"
    scale = 100 if len(scores[0]) > 1 else 1
    return " / ".join(form.format(scale * statistics.mean(values)) +
                      (" ± " + form.format(scale * statistics.stdev(values)) if len(values) > 1 else "")
                      for values in zip(*scores))


def main():
    rows = collections.defaultdict(list)
    for path in pathlib.Path(sys.argv[1]).glob("*/test.json"):
        rows[path.parent.name.rpartition("-")[0]].append(path.parent)
    for prefix, target in TARGETS.items():
        names = [name for name in rows if name.split("_")[0] == prefix]
        if not names:
            continue
        what = "accuracy: space group / its crystal system" if prefix == "s" else "test MAE"
        print(f"\n**{target}**\n\n| row | trained on / tested on | epochs | parameters | processor minutes | seeds | {what} |")
        print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
        for name in sorted(names):
            runs = [json.loads((run / "run.json").read_text()) for run in rows[name]]
            minutes = [float(re.search(r"processor_seconds=([\d.]+)", (run / "took").read_text())[1]) / 60 for run in rows[name]]
            records = runs[0]["records"]
            print(f"| `{name}` | {records['train']} / {records['test']} | {runs[0]['epochs_done']} | {runs[0]['parameters']} "
                  f"| {statistics.mean(minutes):.1f} | {len(runs)} | {written([score(run) for run in rows[name]])} |")


main()
