#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The whole walk on crystals it makes: synth, prep, train on 2 ranks, evaluate, predict, report. The data is
# made (known prototypes, a target from a formula): the figures show that all works, not how good a network is.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/build/bin:$PATH" OMP_NUM_THREADS=1
ranks=(mpirun -n 2 --oversubscribe --bind-to none)

rm -rf demo
echo "This demo's crystals are made by a program, not measured or computed by quantum mechanics." >&2
tessera synth crystals --count 600 --seed 1 --out demo/crystals
"${ranks[@]}" tessera prep crystals --input demo/crystals --targets demo/crystals/targets.csv --out demo/dataset
"${ranks[@]}" tessera train jobs/configs/demo.toml
"${ranks[@]}" tessera evaluate demo/run --split test
tessera predict demo/run demo/crystals --out demo/predictions.csv
tessera report demo/run --out demo/report.html
echo "Open demo/report.html in a browser." >&2
