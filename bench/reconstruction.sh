#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Reconstructions of real structures, and how near they come; and beside MCRpy on the 64² sandstone, the same Gram matrices of
# the same VGG-19 (./dev encoders; ./dev bench --peers), one core. Required there: error of S2 at most 0.05, of S2 − φ² at most
# 0.10, five times as fast an evaluation, below 1 GB. Real data in TESSERA_SHARED_DATA (default ../shared/data).
#   bench/reconstruction.sh [FOLDER [STRUCTURE…]]      what is finished in FOLDER is not made again
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/build/bin:$PATH" OMP_NUM_THREADS=1
structures=${TESSERA_SHARED_DATA:-../shared/data}/images/reconstruction
python=${TESSERA_RECONSTRUCTION_PEER_PYTHON:-.deps/reconstruction-peer/bin/python}
work=${1:-bench-reconstruction}
shift || true
mkdir -p "$work"
if [[ ! -d $structures ]]; then
  echo "# left out: $structures is not there"
  exit 0
fi
encoder=vgg19
if [[ ! -e encoders/vgg19.safetensors ]]; then
  echo "# ./dev encoders was not run: the untrained filters stand in for VGG-19, and MCRpy is left out"
  encoder=filters
fi

# value KEY: of the last key=value of that name that was printed.
value() { grep -oE "(^| )$1=[-+.e0-9]+" | tail -n 1 | cut -d= -f2; }

# reconstruct NAME STRUCTURE ARGUMENTS…: one line, and what the process took.
reconstruct() {
  local name=$1 structure=$2
  shift 2
  python3 bench/measured.py taskset -c 0 tessera reconstruct jobs/configs/reconstruct.toml --quiet --run "$work/$name" \
    --set sample.phases=0 --set sample.image="$structures/$structure.npy" "$@" | tee "$work/$name.txt" | sed "s/^/structure=$name /"
}

if [[ $encoder == vgg19 && ($# -eq 0 || $* == *equal*) ]]; then
  echo "# the 64² sandstone by VGG-19: Gram matrices of the layers that MCRpy matches, on one level, as many evaluations; of our own"
  echo "# choice, from coarse to fine; and with the two-point correlation"
  plain=(--set encoder.name=vgg19 --set reconstruct.count=1 --set baseline.count=0)
  gram=("${plain[@]}" --set descriptors.two_point=0 --set descriptors.sharpness=0)
  reconstruct gram_alone sandstone_resized_s "${gram[@]}" --set reconstruct.levels=1 --set reconstruct.iterations=485 \
    --set 'encoder.layers=["conv1_2","conv2_2","conv3_4","conv4_4","conv5_4"]'
  reconstruct gram_levels sandstone_resized_s "${gram[@]}" --set reconstruct.iterations=160
  reconstruct gram_and_two_point sandstone_resized_s "${plain[@]}" --set reconstruct.iterations=160
  ours=$(python3 -c 'import json, sys; one = json.load(open(sys.argv[1]))["structures"][0]; print(one["seconds"] / one["evaluations"])' \
    "$work/gram_alone/summary.json")
  if [[ -x $python ]]; then
    taskset -c 0 "$python" bench/peers/reconstruct_mcrpy.py "$structures/sandstone_resized_s.npy" "$work/mcrpy.npy" 500 2>/dev/null | tee "$work/mcrpy.txt"
    tessera describe --quiet "$structures/sandstone_resized_s.npy" "$work/mcrpy.npy" --border periodic --out "$work/mcrpy.csv" --curves "$work/mcrpy_curves.csv" >/dev/null
    echo "peer=mcrpy $(python3 bench/likeness.py "$work/mcrpy.csv" "$work/mcrpy_curves.csv" sandstone_resized_s.npy)"
    echo "ratio_per_evaluation=$(awk -v a="$(value seconds_per_evaluation <"$work/mcrpy.txt")" -v b="$ours" 'BEGIN { printf "%.1f", a / b }') ours=$ours (required: 5)"
  else
    echo "# left out: MCRpy (./dev bench --peers installs it)"
  fi
fi

# Every material, with the correlation beside the Gram matrices as jobs/configs/reconstruct.toml has it.
for path in "$structures"/*_s.npy; do
  name=$(basename "$path" .npy)
  [[ $# -eq 0 || " $* " == *" $name "* ]] || continue
  reconstruct "$name" "$name" --set encoder.name=$encoder --set reconstruct.count=2
done

if [[ $# -eq 0 || $* == *volume* ]]; then
  echo "# a volume of 32³ out of the ceramics, by the untrained filters"
  reconstruct volume ceramics_resized_s --set reconstruct.slices=32 --set reconstruct.size=32 --set descriptors.reach=16 \
    --set reconstruct.iterations=100 --set reconstruct.levels=2 --set reconstruct.count=1
fi

# What each layer is worth, two structures of each material by each number of layers.
if [[ $encoder == vgg19 && ($# -eq 0 || $* == *pruning*) ]]; then
  samples=()
  for name in alloy_inverted ceramics_resized copolymer_resized sandstone_resized; do samples+=(--sample "$structures/${name}_s.npy"); done
  echo "# tessera reconstruct --pruning: what each block of VGG-19 is worth"
  taskset -c 0 tessera reconstruct jobs/configs/reconstruct.toml --quiet --pruning "${samples[@]}" --run "$work/pruning" --set encoder.name=vgg19 \
    --set sample.phases=0 --set descriptors.two_point=0 --set descriptors.sharpness=0 --set reconstruct.iterations=60 \
    --set 'encoder.layers=["conv1_2","conv2_2","conv3_4","conv4_4","conv5_4"]' --set reconstruct.count=2 --set baseline.count=0
  cat "$work/pruning/pruning.csv"
fi
