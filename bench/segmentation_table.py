#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Test scores of segmentation runs as a table: mean and deviation over the seeds of a row.

    segmentation_table.py RUNS METRIC…        RUNS holds ROW-SEED/test*.json and ROW-SEED/took"""
import collections
import json
import pathlib
import re
import statistics
import sys


def spread(values):
    values = [value for value in values if value is not None]
    if not values:
        return "–"
    deviation = f" ± {statistics.stdev(values):.2g}" if len(values) > 1 else ""
    return f"{statistics.mean(values):.4g}{deviation}"


def processor_seconds(run):
    return float(re.search(r"processor_seconds=([\d.]+)", (run / "took").read_text())[1])


def main():
    folder, names = pathlib.Path(sys.argv[1]), sys.argv[2:]
    rows = collections.defaultdict(list)
    for path in folder.glob("*/test*.json"):
        flips = ", flips" if "flips" in path.name else ""
        rows[path.parent.name.rpartition("-")[0] + flips].append(path)
    print("\n| row | processor seconds | seeds | " + " | ".join(names) + " |")
    print("| --- | ---: | ---: |" + " ---: |" * len(names))
    for row, paths in sorted(rows.items()):
        metrics = [json.loads(path.read_text())["metrics"] for path in paths]
        seconds = statistics.mean(processor_seconds(path.parent) for path in paths)
        columns = [spread([each.get(name) for each in metrics]) for name in names]
        print(f"| {row} | {seconds:.0f} | {len(paths)} | " + " | ".join(columns) + " |")


if __name__ == "__main__":
    main()
