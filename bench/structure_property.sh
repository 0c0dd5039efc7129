#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A property out of a picture: the computed conductivity (grains 1, pores 0.01; log10) of 320 tiles of 64² of real structures, five
# folds by parent, 22 of them (bench/structure_tiles.py). VGG-19 down to conv3_4, frozen, its last block trained, all of it; the
# same layers from nothing; RCFNet; each beside ridge regressions and constants on the same folds. Then with fewer to train on.
# Real data in TESSERA_SHARED_DATA (default ../shared/data); tiles are cut by the Python of ./dev bench --peers.
#   bench/structure_property.sh [FOLDER [ROW…]]      what is finished in FOLDER is not made again
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/build/bin:$PATH" OMP_NUM_THREADS=1
images=${TESSERA_SHARED_DATA:-../shared/data}/images
python=.deps/peers/bin/python
work=${1:-bench-structure-property}
shift || true
wanted=("${@:-*}")
if [[ ! -d $images || ! -x $python ]]; then
  echo "# left out: $images or $python (./dev bench --peers) is not there"
  exit 0
fi
if [[ ! -e $work/dataset/manifest.json ]]; then
  "$python" bench/structure_tiles.py "$images" "$work/tiles"
  tessera homogenise --quiet "$work/tiles" --conductivity 255=1 0=0.01 --out "$work/computed.csv"
  tessera prep images --quiet --images "$work/tiles" --labels "$work/computed.csv" --group '^(.+)-' --out "$work/dataset"
fi

# row NAME ARGUMENTS…
row() {
  local name=$1 pattern
  shift
  # shellcheck disable=SC2053  # a pattern is meant as one
  for pattern in "${wanted[@]}"; do [[ $name != $pattern ]] || break; done
  # shellcheck disable=SC2053
  [[ $name == $pattern ]] || return 0
  [[ -e $work/$name/summary.json ]] || echo "# $name: $*"
  tessera crossvalidate jobs/configs/conductivity.toml --quiet --folds 5 --run "$work/$name" --set data.dataset="$work/dataset" \
    --set data.transform=log10 --set train.precision=bf16 "${baselines[@]}" "$@" | sed "s/^/row=$name /"
}

baselines=(--set baselines.encoder=filters)
if [[ -e encoders/vgg19.safetensors ]]; then
  baselines=(--set baselines.encoder=vgg19 --set 'baselines.layers=["conv1_2","conv2_2","conv3_4"]')
  # pruned TRAINED: the model of one of the three rows
  pruned() { echo "model={name=\"vgg_regressor\",encoder=\"vgg19\",last_layer=\"conv3_4\",hidden_width=128,trained=\"$1\"}"; }
  row vgg_head --set "$(pruned head)" --set train.epochs=30
  row vgg_top_block --set "$(pruned top_block)" --set train.epochs=20
  row vgg_all --set "$(pruned all)" --set train.epochs=15
fi
row scratch --set train.epochs=60
row rcfnet --set 'model={name="rcfnet",width=0.25,input=64}' --set train.epochs=30
for count in 40 80 160; do
  [[ ! -e encoders/vgg19.safetensors ]] || row "vgg_all_of_$count" --set "$(pruned all)" --set train.epochs=15 --set data.split.max_train=$count
  row "scratch_of_$count" --set train.epochs=60 --set data.split.max_train=$count
done
