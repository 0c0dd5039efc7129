#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The README's tables of test scores on grain_boundary_tbm (test scans 13, 17, 29, 30; scan 10 to choose the epoch) and on
# made micrographs (made_…: 600, by hash): every row trained with the settings below, once for each seed, on one core,
# and evaluated with and without flips. What is finished is not run again. Rows may be named, by patterns too.
#   bench/micrographs.sh [FOLDER [ROW…]]
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/build/bin:$PATH" OMP_NUM_THREADS=1
images=${TESSERA_SHARED_DATA:-../shared/data}/images/grain_boundary_tbm
work=${1:-bench-micrographs}
shift || true
wanted=("${@:-*}")
seeds=3

[[ -e $work/dataset/manifest.json ]] ||
  tessera prep images --quiet --images "$images/images" --masks "$images/masks" --group '^([^-]+)' --out "$work/dataset"
[[ -e $work/made/manifest.json ]] || {
  tessera synth micrographs --quiet --count 600 --size 128 --seed 1 --out "$work/micrographs"
  tessera prep images --quiet --images "$work/micrographs/images" --masks "$work/micrographs/masks" --out "$work/made"
}
awk -F, 'NR == 1 { print "id,split" } NR > 1 {
  print $2 "," ($3 == 13 || $3 == 17 || $3 == 29 || $3 == 30 ? "test" : $3 == 10 ? "validation" : "train") }' \
  "$work/dataset/records.csv" >"$work/split.csv"

mkdir -p "$work/runs"

is_wanted() {
  local pattern
  # shellcheck disable=SC2053  # a pattern is meant as one
  for pattern in "${wanted[@]}"; do [[ $1 != $pattern ]] || return 0; done
  return 1
}

# trained RUN ARGUMENTS…
trained() {
  local run=$1
  shift
  [[ ! -e $run/took ]] || return 0
  echo "# $run: tessera train grain_boundary.toml $*"
  python3 bench/measured.py tessera train jobs/configs/grain_boundary.toml --quiet --run "$run" "$@" | tee "$run.took"
  mv "$run.took" "$run/took"
}

# rows NAME ARGUMENTS…: once for each seed; SEED in an argument stands for it.
rows() {
  local name=$1 seed run
  shift
  is_wanted "$name" || return 0
  for ((seed = 0; seed < seeds; ++seed)); do
    run=$work/runs/$name-$seed
    [[ ! -e $run/test_flips.json ]] || continue
    [[ $name != pretrained* ]] || trained "$work/made-$seed" "${made[@]}" --set train.seed=$seed
    trained "$run" --set train.seed=$seed "${@//SEED/$seed}"
    tessera evaluate "$run" --quiet --json "$run/test.json"
    tessera evaluate "$run" --quiet --flips --json "$run/test_flips.json"
  done
}

real=(--set data.dataset="$work/dataset" --set data.split.by=file --set data.split.file="$work/split.csv" --set train.epochs=60)
made=(--set data.dataset="$work/made" --set data.split.by=hash --set train.epochs=12)
rows bce_dice "${real[@]}"
rows bce_dice_bf16 "${real[@]}" --set train.precision=bf16
rows pretrained "${real[@]}" --set train.initial_weights="$work/made-SEED/checkpoints/last/weights.safetensors"
rows made_bce_dice "${made[@]}"
for loss in bce dice focal soft_cldice skeleton_recall topology; do
  rows "$loss" "${real[@]}" --set train.loss=$loss
  rows "made_$loss" "${made[@]}" --set train.loss=$loss
done

python3 bench/segmentation_table.py "$work/runs" iou dice boundary_f1_2px cldice betti0_error betti1_error length_error_percent
