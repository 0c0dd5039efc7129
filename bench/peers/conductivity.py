#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Seconds of the effective conductivity of phase maps along their first axis between two fixed faces, one phase conducting, on
one core: TauFactor as it stops by default, and SciPy's conjugate gradients on the same equations to 1e-6.

    conductivity.py FILE.npy:PHASE…"""
import contextlib
import io
import pathlib
import sys
import time

import numpy
import scipy.ndimage
import scipy.sparse
import scipy.sparse.linalg
import taufactor
import torch

torch.set_num_threads(1)


def conjugate_gradients(phase):
    """Cells of paths only; harmonic means are 1 between two of them, 2 to a face."""
    labels, _ = scipy.ndimage.label(phase)
    through = numpy.intersect1d(labels[0][labels[0] > 0], labels[-1][labels[-1] > 0])
    on_path = numpy.isin(labels, through)
    number = numpy.full(phase.shape, -1)
    number[on_path] = numpy.arange(on_path.sum())
    pairs = []
    for axis in range(phase.ndim):
        a, b = numpy.take(number, range(phase.shape[axis] - 1), axis).ravel(), numpy.take(number, range(1, phase.shape[axis]), axis).ravel()
        both = (a >= 0) & (b >= 0)
        pairs.append(numpy.stack([a[both], b[both]]))
    a, b = numpy.concatenate(pairs, axis=1)
    cells = on_path.sum()
    low, high = numpy.zeros(cells), numpy.zeros(cells)
    low[number[0][number[0] >= 0]] = 2
    high[number[-1][number[-1] >= 0]] = 2
    diagonal = numpy.bincount(a, minlength=cells) + numpy.bincount(b, minlength=cells) + low + high
    matrix = scipy.sparse.csr_matrix((numpy.concatenate([-numpy.ones(2 * len(a)), diagonal]),
                                      (numpy.concatenate([a, b, numpy.arange(cells)]), numpy.concatenate([b, a, numpy.arange(cells)]))))
    x, _ = scipy.sparse.linalg.cg(matrix, low, rtol=1e-6, maxiter=20000)
    return (low * (1 - x)).sum() * phase.shape[0] ** 2 / phase.size


def with_taufactor(phase):
    with contextlib.redirect_stdout(io.StringIO()):
        solver = taufactor.Solver(phase.astype(numpy.uint8) if phase.ndim == 3 else phase[:, :, None].astype(numpy.uint8), device="cpu")
        solver.solve(verbose=False)
    return float(solver.D_eff.item() if hasattr(solver.D_eff, "item") else solver.D_eff)


def main():
    for argument in sys.argv[1:]:
        name, wanted = argument.rsplit(":", 1)
        phase = numpy.load(name) == int(wanted)
        for peer, solve in ("scipy_cg", conjugate_gradients), ("taufactor", with_taufactor):
            start = time.process_time()
            effective = solve(phase)
            print(f"set={pathlib.Path(name).stem}:{wanted} peer={peer} seconds={time.process_time() - start:.4f} effective={effective:.7f}", flush=True)


main()
