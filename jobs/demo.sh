#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The whole walk on crystals and micrographs it makes: synth, prep, train on 2 ranks, evaluate, predict, measure, report.
# The data is made (known prototypes, a target from a formula; drawn grains): the figures show that all works, not how
# good a network is.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/build/bin:$PATH" OMP_NUM_THREADS=1
ranks=(mpirun -n 2 --oversubscribe --bind-to none)

rm -rf demo
echo "This demo's crystals and micrographs are made by a program, not measured or computed by quantum mechanics." >&2
tessera synth crystals --count 600 --seed 1 --out demo/crystals
"${ranks[@]}" tessera prep crystals --input demo/crystals --targets demo/crystals/targets.csv --out demo/dataset
"${ranks[@]}" tessera train jobs/configs/demo.toml
"${ranks[@]}" tessera evaluate demo/run --split test
tessera predict demo/run demo/crystals --out demo/predictions.csv
tessera report demo/run --out demo/report.html

tessera synth micrographs --count 60 --size 128 --seed 1 --out demo/micrographs
"${ranks[@]}" tessera prep images --images demo/micrographs/images --masks demo/micrographs/masks --out demo/grains
"${ranks[@]}" tessera train jobs/configs/grain_boundary.toml --set data.dataset=demo/grains --set train.epochs=15 --run demo/grains_run
"${ranks[@]}" tessera evaluate demo/grains_run --split test
tessera predict demo/grains_run demo/micrographs/images --out demo/grains_predicted
tessera measure demo/grains_predicted/*_mask.png --truth demo/micrographs/masks --out demo/grains_measure.csv
tessera report demo/grains_run --out demo/grains_report.html
echo "Open demo/report.html and demo/grains_report.html in a browser." >&2
