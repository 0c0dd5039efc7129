#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The README's table of micrographs with several classes: phases of nickel superalloys and oxide and cracks of
# environmental barrier coatings (Stuckner et al. 2022), constituents of ultra-high-carbon steel (DeCost et al. 2019),
# precipitates of chromium superalloys (Xia et al. 2023). One residual U-Net for all, trained from nothing on each set's
# own training images, once for each seed, on one core; tested on the set's test images (of the steel, which has none:
# its validation images, and scans of the training set choose the epoch). What is finished is not run again.
#   bench/micrograph_sets.sh [FOLDER [SET…]]      SEEDS (default 3) in the environment
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/build/bin:$PATH" OMP_NUM_THREADS=1
images=${TESSERA_SHARED_DATA:-../shared/data}/images
work=${1:-bench-micrograph-sets}
sets=("${@:2}")
[[ ${#sets[@]} -gt 0 ]] || sets=(superalloy ebc uhcs cr_superalloy)
mkdir -p "$work/runs"

# gathered SET PART FOLDER: the images and masks of one part, into the set's folders.
gathered() {
  local file name
  for file in "$images/$3"/images/*; do
    name=$(basename "$file")
    cp "$file" "$work/$1/images/$2-$name"
    cp "$images/$3/masks/$name" "$work/$1/masks/$2-$name"
  done
}

prepared() {
  local set=$1
  [[ ! -e $work/$set/dataset/manifest.json ]] || return 0
  mkdir -p "$work/$set/images" "$work/$set/masks"
  case $set in
    superalloy | ebc) for part in train val test; do gathered "$set" "$part" "superalloy_ebc/$set/$part"; done ;;
    cr_superalloy) for part in train val test; do gathered "$set" "$part" "$set/$part"; done ;;
    uhcs) gathered uhcs train uhcs/train && gathered uhcs test uhcs/validate ;;
  esac
  tessera prep images --quiet --images "$work/$set/images" --masks "$work/$set/masks" --mask-rule values --tile 256 \
    --out "$work/$set/dataset"
  awk -F, -v set="$set" 'NR == 1 { print "id,split" } NR > 1 {
    part = substr($2, 1, index($2, "-") - 1)
    # Of the steel four of twenty training images.
    if (set == "uhcs" && part == "train" && $3 ~ /uhcs(0007|0220|0495|1528)/) part = "val"
    print $2 "," (part == "val" ? "validation" : part) }' "$work/$set/dataset/records.csv" >"$work/$set/split.csv"
}

for set in "${sets[@]}"; do
  prepared "$set"
  loss=cross_entropy_dice
  [[ $set != cr_superalloy ]] || loss=bce_dice  # of two classes
  # 12 000 pieces of 128² whatever the size of the set.
  train=$(grep -c ',train$' "$work/$set/split.csv")
  for ((seed = 0; seed < ${SEEDS:-3}; ++seed)); do
    run=$work/runs/$set-$seed
    [[ ! -e $run/test.json ]] || continue
    python3 bench/measured.py tessera train jobs/configs/grain_boundary.toml --quiet --run "$run" --set train.seed=$seed \
      --set data.dataset="$work/$set/dataset" --set data.split.by=file --set data.split.file="$work/$set/split.csv" \
      --set data.crop=128 --set model.depth=4 --set train.loss=$loss --set train.epochs=$((12000 / train)) \
      --set train.ema=0.98 | tee "$run.took"
    mv "$run.took" "$run/took"
    tessera evaluate "$run" --quiet --json "$run/test.json"
    tessera evaluate "$run" --quiet --flips --json "$run/test_flips.json"
  done
done
python3 bench/segmentation_table.py "$work/runs" mean_iou iou dice
