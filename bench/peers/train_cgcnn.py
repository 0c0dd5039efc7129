#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The original CGCNN (Xie and Grossman 2018, as the PyPI package cgcnn2 keeps it), trained as its users train it,
on the graphs, the split and the settings of a Tessera run, for its time and its test error.

Features are made before the clock starts and stay in memory: what is compared is training alone. The clock
holds collation, step and validation of every epoch; the test error is that of the epoch that validation chose.

    train_cgcnn.py RUN [--epochs N] [--flush-denormals] [--seed N]

RUN's config.toml gives dataset, target, transform, optimiser and batch; its splits.csv the three parts.
Prints one line of key=value figures."""
import argparse
import copy
import csv
import importlib.util
import json
import pathlib
import time
import tomllib
import warnings

import h5py
import numpy as np
import torch

warnings.filterwarnings("ignore")
from cgcnn2.data import GaussianDistance, collate_pool  # noqa: E402
from cgcnn2.model import CrystalGraphConvNet  # noqa: E402


def read_crystals(dataset, target, transform):
    """{id: ((atom rows (atoms, 92), bond rows (atoms, 12, 41), neighbours (atoms, 12)), target (1), id)}."""
    package = pathlib.Path(importlib.util.find_spec("cgcnn2").origin).parent
    atom_rows = {int(k): np.array(v, float) for k, v in json.loads((package / "asset/atom_init.json").read_text()).items()}
    gaussians = GaussianDistance(dmin=0, dmax=8, step=0.2)
    crystals = {}
    for path in sorted(dataset.glob("shard-*.h5")):
        with h5py.File(path) as shard:
            offsets, elements = shard["atoms/offsets"][:].astype(int), shard["atoms/element"][:]
            neighbours, distances = shard["graph/neighbor"][:].astype(int), shard["graph/distance"][:]
            for row, name in enumerate(shard["id"].asstr()[:]):
                atoms = slice(offsets[row], offsets[row + 1])
                value = float(shard["targets"][target][row])
                value = np.log10(value) if transform == "log10" else value
                features = (
                    torch.tensor(np.vstack([atom_rows[int(z)] for z in elements[atoms]]), dtype=torch.float32),
                    torch.tensor(gaussians.expand(distances[atoms]), dtype=torch.float32),
                    torch.tensor(neighbours[atoms]),
                )
                crystals[name] = (features, torch.tensor([value], dtype=torch.float32), name)
    return crystals


def network_of(model):
    """As a run's [model] asks for it."""
    return CrystalGraphConvNet(92, 41, atom_fea_len=model.get("atom_width", 64), n_conv=model.get("num_convolutions", 3),
                               h_fea_len=model.get("hidden_width", 128), n_h=model.get("num_hidden_layers", 1))


def mean_absolute_error(network, items, batch, mean, deviation):
    network.eval()
    total = 0.0
    with torch.no_grad():
        for first in range(0, len(items), batch):
            features, target, _ = collate_pool(items[first : first + batch])
            total += (network(*features)[0] * deviation + mean - target).abs().sum().item()
    return total / len(items)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=pathlib.Path)
    parser.add_argument("--epochs", type=int, help="instead of the run's")
    parser.add_argument("--flush-denormals", action="store_true", help="which the original does not do")
    parser.add_argument("--seed", type=int, default=123)
    arguments = parser.parse_args()
    config = tomllib.loads((arguments.run / "config.toml").read_text())
    data, train, model = config["data"], config["train"], config["model"]
    epochs, batch = arguments.epochs or train["epochs"], train["global_batch"]

    torch.manual_seed(arguments.seed)
    torch.set_num_threads(1)
    torch.set_flush_denormal(arguments.flush_denormals)

    crystals = read_crystals(pathlib.Path(data["dataset"]), data["target"], data.get("transform", "none"))
    parts = {"train": [], "validation": [], "test": []}
    with open(arguments.run / "splits.csv", newline="") as table:
        for row in csv.DictReader(table):
            parts[row["split"]].append(crystals[row["id"]])
    targets = torch.stack([item[1] for item in parts["train"]])
    mean, deviation = targets.mean(), targets.std()

    network = network_of(model)
    if train["optimizer"] == "adam":
        optimizer = torch.optim.Adam(network.parameters(), train["learning_rate"], weight_decay=train.get("weight_decay", 0.0))
    else:
        optimizer = torch.optim.SGD(network.parameters(), train["learning_rate"], momentum=train.get("momentum", 0.9),
                                    weight_decay=train.get("weight_decay", 0.0))
    loader = torch.utils.data.DataLoader(parts["train"], batch_size=batch, shuffle=True, collate_fn=collate_pool)

    best, chosen, step_seconds = float("inf"), None, 0.0
    start = time.perf_counter()
    for _ in range(epochs):
        network.train()
        epoch_start = time.perf_counter()
        for features, target, _ in loader:
            loss = torch.nn.functional.mse_loss(network(*features)[0], (target - mean) / deviation)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        step_seconds += time.perf_counter() - epoch_start
        error = mean_absolute_error(network, parts["validation"], batch, mean, deviation)
        if error < best:
            best, chosen = error, copy.deepcopy(network.state_dict())
    seconds = time.perf_counter() - start
    network.load_state_dict(chosen)
    test = mean_absolute_error(network, parts["test"], batch, mean, deviation)
    print(f"peer=cgcnn2 optimizer={train['optimizer']} denormals={'flushed' if arguments.flush_denormals else 'kept'} "
          f"epochs={epochs} crystals_per_second={epochs * len(parts['train']) / step_seconds:.1f} seconds={seconds:.1f} "
          f"validation_mae={best:.4f} test_mae={test:.4f}")


if __name__ == "__main__":
    main()
