#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Errors of one structure's curves beside another's, as `tessera reconstruct` tells them, out of the tables of
`tessera describe SAMPLE RESULT --border periodic --out TABLE --curves CURVES`; of the highest grey level.

    likeness.py TABLE CURVES SAMPLE"""
import collections
import csv
import sys


def main():
    with open(sys.argv[1]) as file:
        fractions = {(row["image"], int(row["phase"])): float(row["fraction"]) for row in csv.DictReader(file)}
    curves = collections.defaultdict(lambda: collections.defaultdict(list))
    with open(sys.argv[2]) as file:
        for row in csv.DictReader(file):
            for name in "two_point", "lineal_path", "cluster":
                curves[row["image"], int(row["phase"])][name].append(float(row[name]))
    images = sorted({image for image, _ in fractions}, key=lambda image: image != sys.argv[3])
    sample, result = ((image, max(phase for i, phase in fractions if i == image)) for image in images)

    def error(name, less=lambda key: 0):
        pairs = list(zip(curves[result][name], curves[sample][name]))
        return sum(abs(a - less(result) - (b - less(sample))) for a, b in pairs) / sum(abs(b - less(sample)) for _, b in pairs)

    print(f"fraction_error={abs(fractions[result] - fractions[sample]):.4f} s2_error={error('two_point'):.4f} "
          f"autocovariance_error={error('two_point', lambda key: fractions[key] ** 2):.4f} lineal_path_error={error('lineal_path'):.4f} "
          f"cluster_error={error('cluster'):.4f}")


main()
