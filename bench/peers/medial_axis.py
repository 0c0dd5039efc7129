#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What measuring boundary masks costs with scikit-image: megapixels a second, one core.

    medial_axis.py MASK...    boundaries are pixels above 0; each set is named by its file

The peers:
  medial_axis          skimage.morphology.medial_axis
  medial_axis_length   and the length of its lines: 1 for each pair of neighbours in a row or column, the root of 2
                       for each diagonal pair that no third pixel joins already
  skeletonize_length   the same of skimage.morphology.skeletonize (Zhang and Suen 1984)

Prints one line of key=value figures for each mask and peer: of three rounds the middle one, by the processor's
time."""
import pathlib
import sys
import time

import numpy as np
from skimage.io import imread
from skimage.morphology import medial_axis, skeletonize


def length(skeleton):
    s = np.pad(skeleton, 1)
    here = s[1:-1, 1:-1]
    east, south = s[1:-1, 2:], s[2:, 1:-1]
    south_east, south_west, west = s[2:, 2:], s[2:, :-2], s[1:-1, :-2]
    straight = np.count_nonzero(here & east) + np.count_nonzero(here & south)
    diagonal = np.count_nonzero(here & south_east & ~east & ~south) + np.count_nonzero(here & south_west & ~west & ~south)
    return straight + 2 ** 0.5 * diagonal


PEERS = {
    "medial_axis": lambda mask: medial_axis(mask) is None,
    "medial_axis_length": lambda mask: length(medial_axis(mask)),
    "skeletonize_length": lambda mask: length(skeletonize(mask)),
}


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    for path in map(pathlib.Path, sys.argv[1:]):
        mask = imread(path) > 0
        for name, work in PEERS.items():
            seconds = []
            for _ in range(3):
                start = time.process_time()
                result = work(mask)
                seconds.append(time.process_time() - start)
            told = f" length_px={result:.1f}" if name.endswith("_length") else ""
            print(f"set={path.stem} peer={name} mpx={mask.size * 1e-6:.3f} mpx_per_second={mask.size * 1e-6 / sorted(seconds)[1]:.1f}{told}")


main()
