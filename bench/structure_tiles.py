#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tiles of real two-phase structures as PNG of 0 and 255: slices of segmented rocks, from slabs that share no slice, and
quarters of quarters of micrographs. The text before the last dash of a name is its parent: a slab, or a material.

    structure_tiles.py IMAGES OUT [SIDE]"""
import io
import pathlib
import sys
import zipfile

import numpy
import tifffile
from PIL import Image

SLABS, TILES_OF_A_SLAB = 8, 14
MATERIALS = "alloy", "carbonate", "ceramics", "copolymer", "pmma", "sandstone"


def main():
    images, out = map(pathlib.Path, sys.argv[1:3])
    side = int(sys.argv[3]) if len(sys.argv) > 3 else 64
    out.mkdir(parents=True, exist_ok=True)
    random = numpy.random.default_rng(0)

    def write(name, tile):
        Image.fromarray(numpy.where(tile, 255, 0).astype(numpy.uint8)).save(out / f"{name}.png")

    for rock in "berea", "ketton":
        file = zipfile.ZipFile(images / f"porous/{rock}.zip").read(f"{rock}.tif")
        grains = tifffile.imread(io.BytesIO(file)) > 0  # as stored: 0 is pore
        thickness, across = len(grains) // SLABS, grains.shape[1] // side
        for slab in range(SLABS):
            for i, place in enumerate(random.choice(across * across, TILES_OF_A_SLAB, replace=False)):
                z = slab * thickness + random.integers(thickness)
                y, x = side * (place // across), side * (place % across)
                write(f"{rock}{slab}-{i:02}", grains[z, y:y + side, x:x + side])
    for material in MATERIALS:
        labels = numpy.load(images / f"reconstruction/{material}_resized.npy")
        across = len(labels) // side
        for place in range(across * across):
            y, x = side * (place // across), side * (place % across)
            write(f"{material}-{place:02}", labels[y:y + side, x:x + side] == labels.max())


main()
