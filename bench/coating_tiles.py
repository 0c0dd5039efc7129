#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tiles of micrographs of real coatings, halved in size, and of their masks: what a network sees, and what its computed
conductivity is of. The text before the last dash of a name is the micrograph; tiles of one class alone are left out.

    coating_tiles.py IMAGES OUT [SIDE]"""
import pathlib
import sys

import numpy
from PIL import Image


def main():
    images, out = map(pathlib.Path, sys.argv[1:3])
    side = int(sys.argv[3]) if len(sys.argv) > 3 else 128
    for kind in "images", "masks":
        (out / kind).mkdir(parents=True, exist_ok=True)
    for path in sorted((images / "superalloy_ebc/ebc").glob("*/masks/*")):
        mask = Image.open(path)
        picture = Image.open(path.parent.parent / "images" / path.name).convert("L")
        half = (mask.width // 2, mask.height // 2)
        classes = numpy.array(mask)
        classes = numpy.array(Image.fromarray(classes if classes.ndim == 2 else classes[..., 0]).resize(half, Image.NEAREST))
        grey = numpy.array(picture.resize(half, Image.BOX))
        name = f"{path.parent.parent.name}_{path.stem}".replace("-", "_")
        for y in range(0, half[1] - side + 1, side):
            for x in range(0, half[0] - side + 1, side):
                tile = classes[y:y + side, x:x + side]
                if len(numpy.unique(tile)) < 2:
                    continue
                file = f"{name}-{y // side}{x // side}.png"
                Image.fromarray(tile).save(out / "masks" / file)
                Image.fromarray(grey[y:y + side, x:x + side]).save(out / "images" / file)


main()
