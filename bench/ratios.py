#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The table of preparation: each stage of Tessera beside its Python peer, and what is required.

    ratios.py OURS PEERS    the printed lines of bench_preparation and of bench/peers/preparation.py
    ratios.py OURS          without peers: Tessera's rates alone

Prints Markdown, as the README shows it. A ratio below what is required is marked, and the exit status stays 0: it is
a figure, not a test."""
import pathlib
import sys

# what, stage of Tessera, peer, ratio required (0: shown only)
ROWS = [
    ("read CIF", "read", "pymatgen_read", 5),
    ("read CIF", "read", "ase_read", 0),
    ("neighbours, graph, features", "graph_item", "cgcnn2_graph", 5),
    ("read, neighbours, graph, features", "read_graph_item", "cgcnn2_item", 0),
    ("read, neighbours, graph, features", "read_graph_item", "cgcnn_item", 20),
    ("read, refined cell, mesh `deepcrystet`", "read_symmetry_mesh", "least_mesh", 12),
    ("mesh `deepcrystet` of a refined cell", "mesh_deepcrystet", "least_mesh_qhull", 0),
    ("read, mesh `periodic`", "read_mesh_periodic", "least_mesh", 12),
    ("mesh `periodic` of the cell read", "mesh_periodic", "least_mesh_qhull", 0),
    ("read, symmetry, graph and mesh", "read_features", None, 0),
    ("space group and refined cell", "symmetry", None, 0),
    ("`prep crystals --features graph`", "prep_graph", "cgcnn2_item", 0),
    ("`prep crystals --features mesh`", "prep_mesh", "least_mesh", 0),
    ("`prep crystals --features mesh --mesh periodic`", "prep_mesh_periodic", "least_mesh", 0),
    ("`prep crystals`, graph and mesh", "prep", None, 0),
]
PEER_NAMES = {
    "pymatgen_read": "pymatgen", "ase_read": "ASE", "cgcnn2_graph": "`cgcnn2`", "cgcnn2_item": "`cgcnn2`",
    "cgcnn_item": "CGCNN's own item", "least_mesh": "the least in Python", "least_mesh_qhull": "Qhull",
}


def read_rates(path):
    """{(set, stage or peer): crystals per second}"""
    rates = {}
    for line in pathlib.Path(path).read_text().splitlines():
        fields = dict(word.split("=", 1) for word in line.split() if "=" in word)
        name = fields.get("stage") or fields.get("peer")
        if name and "crystals_per_second" in fields:
            rates[fields["set"], name] = float(fields["crystals_per_second"])
    return rates


def rounded(rate):
    """Three digits: more is noise."""
    return f"{float(f'{rate:.3g}'):,.0f}".replace(",", " ") if rate >= 100 else f"{rate:.3g}"


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    ours = read_rates(sys.argv[1])
    peers = read_rates(sys.argv[2]) if len(sys.argv) == 3 else {}
    print("| crystals/s on one core | set | Tessera | peer | ratio | required |\n| --- | --- | ---: | --- | ---: | ---: |")
    for what, stage, peer, required in ROWS:
        for (set_name, name), rate in ours.items():
            if name != stage:
                continue
            beside = peers.get((set_name, peer))
            ratio = rate / beside if beside else None
            print(f"| {what} | {set_name} | {rounded(rate)} | {f'{PEER_NAMES[peer]} {rounded(beside)}' if beside else '–'} | "
                  f"{f'{ratio:.1f}' if ratio else '–'} | {required or '–'}"
                  f"{' **missed**' if ratio and ratio < required else ''} |")


main()
