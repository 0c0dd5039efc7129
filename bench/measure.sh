#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Measuring boundary masks on one core, beside scikit-image (./dev bench --peers) on the same masks, one after the
# other: a made mosaic of known length, and a real mask of a superalloy where TESSERA_SHARED_DATA (default
# ../shared/data) holds it. The last lines are the ratios; 5 is required of skeleton and length.
set -euo pipefail
cd "$(dirname "$0")/.."
export OMP_NUM_THREADS=1
python=${TESSERA_PEERS_PYTHON:-.deps/peers/bin/python}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
masks=()
real=${TESSERA_SHARED_DATA:-../shared/data}/images/superalloy_ebc/superalloy/train/masks/spot3_0d_3.png
if [[ -e $real ]]; then masks=("$real"); else echo "left out: $real is not there"; fi

taskset -c 0 build/bin/bench_measure "$work/mosaic.png" "${masks[@]}" | tee "$work/ours"
if "$python" -c 'import skimage' 2>/dev/null; then
  taskset -c 0 "$python" bench/peers/medial_axis.py "$work/mosaic.png" "${masks[@]}" | tee "$work/peers"
  cat "$work/ours" "$work/peers" | awk '
    { split("", f); for (i = 1; i <= NF; ++i) { split($i, part, "="); f[part[1]] = part[2] } }
    "true_length_px" in f { truth = f["true_length_px"] }
    f["stage"] == "skeleton_length" { ours[f["set"]] = f["mpx_per_second"] }
    f["peer"] ~ /_length$/ {
      printf "set=%s peer=%s ratio=%.1f", f["set"], f["peer"], ours[f["set"]] / f["mpx_per_second"]
      if (f["set"] == "mosaic") printf " peer_length_error_percent=%.2f", 100 * (f["length_px"] / truth - 1)
      print "" }'
else
  echo "left out: scikit-image is not installed in .deps/peers (./dev bench --peers)"
fi
