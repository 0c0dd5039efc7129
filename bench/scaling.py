#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The table of scaling out of what bench/scaling.sh left in a folder: measured on 1 and 2 ranks, foretold beyond.

    scaling.py FOLDER EPOCHS"""
import json
import math
import pathlib
import re
import sys

BATCH = 256  # bench/scaling.sh's


def step_rates(folder, epochs):
    """{ranks: (crystals a second of steps, the share of it in which ranks wait for each other)}, the best of the rounds; bytes of a gradient."""
    best, gradient_bytes = {}, 0
    for path in folder.glob("run-*/run.json"):
        ranks = int(path.parent.name.split("-")[1])
        rate, waiting, run = rate_of(path, epochs)
        gradient_bytes = 4 * run["parameters"]
        best[ranks] = max(best.get(ranks, (0, 0)), (rate, waiting))
    return best, gradient_bytes


def rate_of(path, epochs):
    run = json.loads(path.read_text())
    parts = run["seconds"]
    waiting = parts["imbalance"] + parts["exposed_communication"]
    seconds = parts["input"] + parts["compute"] + waiting
    return epochs * run["records"]["train"] / seconds, waiting / seconds, run


def rate_of_two_alone(folder, epochs):
    """Crystals a second of two runs that share nothing but the machine, together, in the best round."""
    rounds = {}
    for path in folder.glob("alone-*/run.json"):
        number = path.parent.name.split("-")[2]
        rounds[number] = rounds.get(number, 0) + rate_of(path, epochs)[0]
    return max(rounds.values())


def peer_rates(folder):
    rates = {}
    for ranks, rate in re.findall(r"peer=ddp_gloo ranks=(\d+) .*crystals_per_second=([\d.]+)", (folder / "peers").read_text()):
        rates[int(ranks)] = max(rates.get(int(ranks), 0), float(rate))
    return rates


def foretold(ranks, batch, rate, gradient_bytes, latency, bandwidth):
    """Crystals a second: every rank its share of the batch, then an all-reduce by halving and doubling, none of it hidden."""
    rounds = 2 * math.ceil(math.log2(ranks))
    communication = rounds * latency + 2 * gradient_bytes / bandwidth
    return batch / (batch / ranks / rate + communication)


def main():
    folder, epochs = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    (ours, gradient_bytes), peers = step_rates(folder, epochs), peer_rates(folder)
    print("| ranks | Tessera, crystals/s | parallel efficiency | waiting for each other | DDP with gloo | efficiency |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: |")
    for ranks, (rate, waiting) in sorted(ours.items()):
        beside = f"{peers[ranks]:.0f} | {peers[ranks] / ranks / peers[1]:.3f}" if ranks in peers else "– | –"
        print(f"| {ranks} | {rate:.0f} | {rate / ranks / ours[1][0]:.3f} | {100 * waiting:.1f} % | {beside} |")
    together = rate_of_two_alone(folder, epochs)
    print(f"\nTwo runs of batch {BATCH // 2} at the same time, nothing in common: {together:.0f} crystals/s together, "
          f"{together / 2 / ours[1][0]:.3f} of twice the one rank's; two ranks reach {ours[2][0] / together:.3f} of that")
    text = (folder / "communication").read_text()
    # Over two ranks an all-reduce is one exchange; a node's memory, not a network, lies between them.
    latency = float(re.search(r"mpi_all_reduce_8B_us=([\d.]+)", text)[1]) * 1e-6
    bandwidth = float(re.search(r"mpi_all_reduce_25MB_ms=[\d.]+ GB_per_s=([\d.]+)", text)[1]) * 1e9
    rate = ours[1][0]
    print(f"\nForetold, not measured: {rate:.0f} crystals/s a rank, {1e6 * latency:.1f} µs a message, {bandwidth / 1e9:.1f} GB/s, as between ranks of one node here")
    print("| ranks | global batch 256: crystals/s | efficiency | 256 a rank: crystals/s | efficiency |\n| ---: | ---: | ---: | ---: | ---: |")
    for ranks in (8, 32, 128, 1024):
        strong = foretold(ranks, BATCH, rate, gradient_bytes, latency, bandwidth)
        weak = foretold(ranks, BATCH * ranks, rate, gradient_bytes, latency, bandwidth)
        fits = f"{strong:.0f} | {strong / ranks / rate:.2f}" if ranks <= BATCH else "– | –"
        print(f"| {ranks} | {fits} | {weak:.0f} | {weak / ranks / rate:.3f} |")


main()
