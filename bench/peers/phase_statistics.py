#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Milliseconds of the statistics of phase 1 of phase maps in Python, on one core; pymks' two-point function also as its mean over
vectors of one rounded length, to be held against ours.

    phase_statistics.py FILE.npy…"""
import pathlib
import sys
import time

import dask
import dask.array
import numpy
import porespy
from pymks.fmks.correlations import two_point_stats

ROUNDS, LENGTH = 5, 10
dask.config.set(scheduler="synchronous")


def timed(work):
    seconds = []
    for _ in range(ROUNDS):
        start = time.process_time()
        result = work()
        seconds.append(time.process_time() - start)
    return 1e3 * sorted(seconds)[ROUNDS // 2], result


def mean_at(correlation):
    """Over the vectors whose length rounds to LENGTH; the zero vector is in the middle."""
    middle = [extent // 2 for extent in correlation.shape]
    offsets = numpy.meshgrid(*(numpy.arange(n) - m for n, m in zip(correlation.shape, middle)), indexing="ij")
    length = numpy.sqrt(sum(offset.astype(float) ** 2 for offset in offsets))
    return correlation[numpy.rint(length) == LENGTH].mean()


def main():
    for name in sys.argv[1:]:
        phase = numpy.load(name) == 1
        stem = pathlib.Path(name).stem
        chunk = dask.array.from_array(phase.astype(float)[None], chunks=(1,) + phase.shape)
        for peer, periodic in ("pymks_two_point", True), ("pymks_two_point_open", False):
            milliseconds, found = timed(lambda: numpy.asarray(two_point_stats(chunk, chunk, periodic_boundary=periodic)))
            print(f"set={stem} peer={peer} milliseconds={milliseconds:.3f} value={mean_at(found[0]):.10g}", flush=True)
        milliseconds, _ = timed(lambda: porespy.metrics.two_point_correlation(phase))
        print(f"set={stem} peer=porespy_two_point milliseconds={milliseconds:.3f}", flush=True)
        milliseconds, _ = timed(lambda: [porespy.metrics.lineal_path_distribution(porespy.filters.distance_transform_lin(phase, axis=axis))
                                         for axis in range(phase.ndim)])
        print(f"set={stem} peer=porespy_lineal_path milliseconds={milliseconds:.3f}", flush=True)


main()
