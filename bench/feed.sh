#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Feeding micrographs to training on one core: crop, mirrored, turned by any angle, image and mask, batches of 8, out of
# our shards; beside OpenCV, albumentations and torch's DataLoader on the same PNG files (./dev bench --peers). Real
# crops of 128² where TESSERA_SHARED_DATA (default ../shared/data) holds them, made micrographs of 1024² cropped to 256².
# The last lines are the ratios; 5 and 20 are required.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/build/bin:$PATH" OMP_NUM_THREADS=1
python=${TESSERA_PEERS_PYTHON:-.deps/peers/bin/python}
real=${TESSERA_SHARED_DATA:-../shared/data}/images/grain_boundary_tbm
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# compared NAME IMAGES MASKS SIDE
compared() {
  echo "# $1"
  taskset -c 0 tessera prep images --quiet --images "$2" --masks "$3" --out "$work/$1"
  if "$python" -c 'import albumentations' 2>/dev/null; then
    taskset -c 0 env NO_ALBUMENTATIONS_UPDATE=1 "$python" bench/peers/feed_images.py "$2" "$3" "$4" | tee "$work/peer"
  else
    echo "left out: albumentations is not installed in .deps/peers (./dev bench --peers)"
  fi
  taskset -c 0 bench_image_feed "$work/$1" "$4" | tee "$work/ours"
  [[ ! -e $work/peer ]] || cat "$work/ours" "$work/peer" | awk -v set="$1" '
    { split("", f); for (i = 1; i <= NF; ++i) { split($i, part, "="); f[part[1]] = part[2] } }
    !("peer" in f) { ours = f["images_per_second"]; first = f["first_epoch_images_per_second"] }
    "peer" in f { printf "set=%s ratio=%.1f ratio_of_first_epoch=%.1f\n", set, ours / f["images_per_second"], first / f["images_per_second"] }'
}

if [[ -d $real ]]; then compared real_128 "$real/images" "$real/masks" 128; else echo "left out: $real is not there"; fi
tessera synth micrographs --quiet --count 22 --size 1024 --seed 1 --out "$work/made"
compared made_1024_crop_256 "$work/made/images" "$work/made/masks" 256
