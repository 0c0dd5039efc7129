#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The two sweeps of the residual U-Net on made micrographs, on two ranks: depth × layer, and skips on and off. Tables and
# heat maps in FOLDER/depth_layer/report.html and FOLDER/skip/report.html; started again, each goes on.
#   bench/sweeps.sh [FOLDER]
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/build/bin:$PATH" OMP_NUM_THREADS=1
work=${1:-bench-sweeps}
mkdir -p "$work"
[[ -e $work/made/manifest.json ]] || {
  tessera synth micrographs --quiet --count 400 --size 64 --grain-size 16 --seed 1 --out "$work/micrographs"
  tessera prep images --quiet --images "$work/micrographs/images" --masks "$work/micrographs/masks" --out "$work/made"
}
for sweep in depth_layer skip; do
  echo "# $sweep"
  mpirun -n 2 --oversubscribe --bind-to none tessera search "jobs/configs/searches/$sweep.toml" --quiet \
    --set data.dataset="$work/made" --set data.split.by=hash --set train.epochs=15 --set study.dir="$work/$sweep"
  tessera report "$work/$sweep"
  cat "$work/$sweep/trials.csv"
done
