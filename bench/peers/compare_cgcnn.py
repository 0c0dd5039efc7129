#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tessera's predictions with the published weights beside the package's own, as the README's table.

    compare_cgcnn.py PUBLISHED SET…

Each SET is a folder with outputs.csv of predict_cgcnn.py, targets.csv, and of each run of PUBLISHED that it is
about NAME.csv (tessera predict, our own neighbours) and NAME.safetensors (bench_parity, the package's lists).
Differences are of the standardised output; of a classifier's predictions, which classes differ. Fails where one is
above 1e-5 on the package's lists, or with our own neighbours behind a clear cut: every 13th neighbour more than
1e-3 Å beyond the 12th, and the package reading coordinates as written."""
import csv
import json
import math
import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "jobs"))
from import_cgcnn import PUBLISHED  # noqa: E402

ALLOWED, CLEAR_ANGSTROM, CHANGED, AT_LEAST = 1e-5, 1e-3, 1e-4, 50


def read_table(path):
    with open(path, newline="") as table:
        return list(csv.DictReader(table))


def read_outputs(path):
    """The one tensor of bench_parity: a number a crystal, of a classifier the probability of class 1."""
    content = path.read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    crystals, outputs = json.loads(content[8 : 8 + length])["output"]["shape"]
    values = struct.unpack(f"<{crystals * outputs}f", content[8 + length :])
    return [1 / (1 + math.exp(values[i] - values[i + 1])) if outputs == 2 else values[i] for i in range(0, len(values), outputs)]


def target_of(row, run):
    """The target in the trained space; none where the run was not trained to know it."""
    if run["target"] == "metal":
        return float(float(row["band_gap_ev"]) == 0)
    value = float(row.get(run["target"]) or "nan")
    if run["target"] == "band_gap_ev" and value <= 0:  # it was trained on what has a gap
        return math.nan
    if run["transform"] == "log10":
        return math.log10(value) if value > 0 else math.nan
    return value


def mean(values):
    return sum(values) / len(values) if values else math.nan


class Comparison:
    """One model over one set: differences by crystal, and the error of both sides."""

    def __init__(self, folder, name, run, package, targets):
        self.run, self.classes = run, run["task"] == "classification"
        shift, scale = run["normaliser"]["mean"], run["normaliser"]["standard_deviation"]
        ours = {row["id"]: float(row["prediction"]) for row in read_table(folder / f"{name}.csv")}
        self.missing = [row["id"] for row in package if row["id"] not in ours]
        on_their_lists = read_outputs(folder / f"{name}.safetensors")
        self.same_lists, self.clear, self.clear_as_written, self.all = [], [], [], []
        their_errors, our_errors = [], []
        for row, same in zip(package, on_their_lists):
            theirs = float(row[PUBLISHED[name][0]])
            self.same_lists.append(abs(same - theirs))
            if row["id"] not in ours:
                continue
            mine, as_written = ours[row["id"]], float(row[f"{PUBLISHED[name][0]} as written"])
            if self.classes:
                theirs, as_written = float(theirs > 0.5), float(as_written > 0.5)
            mine = ((math.log10(mine) if run["transform"] == "log10" else mine) - shift) / scale
            self.all.append(abs(mine - theirs))
            if float(row["gap"]) > CLEAR_ANGSTROM:
                self.clear.append(self.all[-1])
                self.clear_as_written.append(abs(mine - as_written))
            target = target_of(targets[row["id"]], run)
            if not math.isnan(target):
                their_errors.append(abs(theirs * scale + shift - target))
                our_errors.append(abs(mine * scale + shift - target))
        self.their_error, self.our_error, self.compared = mean(their_errors), mean(our_errors), len(our_errors)

    def row(self, name):
        error = f"{self.their_error:.5f} → {self.our_error:.5f} ({self.compared})" if self.compared else "–"
        above, changed = sum(value > ALLOWED for value in self.clear), sum(value > CHANGED for value in self.all)
        return (f"| `{name}` | {len(self.clear)} | {max(self.clear_as_written):.1e} | {max(self.clear):.1e} ({above}) | "
                f"{len(self.same_lists)} | {max(self.same_lists):.1e} | {changed} | {mean(self.all):.1e} | {max(self.all):.3f} | {error} |")

    def faults(self, name):
        if self.missing:
            yield f"{name}: {len(self.missing)} crystals have no prediction of ours, {self.missing[0]} first"
        if len(self.clear) < AT_LEAST:
            yield f"{name}: only {len(self.clear)} crystals are cut off clearly; {AT_LEAST} are needed"
        for what, values in (("our neighbours, clear cut", self.clear_as_written), ("the package's lists", self.same_lists)):
            if values and max(values) > ALLOWED:
                yield f"{name}: {what}: {sum(v > ALLOWED for v in values)} of {len(values)} differ by more than {ALLOWED}, by up to {max(values)}"


def main():
    published, *sets = map(pathlib.Path, sys.argv[1:])
    faults = []
    print("| run | clear cut: crystals | max, as written | max, as read (above 1e-5) | the package's lists: crystals | max "
          "| all, our lists: above 1e-4 | mean | max | MAE, package → ours (crystals) |\n| --- |" + " ---: |" * 9)
    for folder in sets:
        package = read_table(folder / "outputs.csv")
        targets = {row["material_id"]: row for row in read_table(folder / "targets.csv")}
        for name, (file, *_) in PUBLISHED.items():
            if file not in package[0]:
                continue
            run = json.loads((published / name / "run.json").read_text())
            comparison = Comparison(folder, name, run, package, targets)
            print(comparison.row(name))
            faults.extend(comparison.faults(name))
    if faults:
        sys.exit("\n".join(faults))


if __name__ == "__main__":
    main()
