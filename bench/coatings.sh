#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# RCFNet where micrographs are few: real environmental barrier coatings (Stuckner et
# al. 2022), 166 tiles of 22 micrographs, five folds by micrograph, whose conductivity is computed on their masks (coating 1, oxide 0.3, crack 0.01), and as
# many made coatings as the published study had micrographs, 22, each held out once. Beside constants and ridge regressions, one core. Real data in
# TESSERA_SHARED_DATA (default ../shared/data); tiles are cut by the Python of ./dev bench --peers.
#   bench/coatings.sh [FOLDER]      what is finished in FOLDER is not made again
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/build/bin:$PATH" OMP_NUM_THREADS=1
images=${TESSERA_SHARED_DATA:-../shared/data}/images
python=.deps/peers/bin/python
work=${1:-bench-coatings}
small=(--set data.size=64 --set model.input=64 --set train.precision=bf16)
mkdir -p "$work"

if [[ ! -e $work/made/manifest.json ]]; then
  tessera synth phases --quiet --count 22 --size 64 --kind coating --high-fraction 0.25 --feature 8 --seed 1 --out "$work/made_files"
  tessera prep images --quiet --images "$work/made_files/images" --labels "$work/made_files/truth.csv" --out "$work/made"
fi
tessera crossvalidate jobs/configs/coating.toml --quiet --folds 0 --run "$work/made_folds" --set data.dataset="$work/made" "${small[@]}" \
  --set data.crop_area=1 --set train.epochs=40 | sed 's/^/coatings=made /'

if [[ ! -d $images || ! -x $python ]]; then
  echo "# left out: $images or $python (./dev bench --peers) is not there"
  exit 0
fi
if [[ ! -e $work/real/manifest.json ]]; then
  "$python" bench/coating_tiles.py "$images" "$work/tiles"
  tessera homogenise --quiet "$work/tiles/masks" --conductivity 0=1 1=0.3 2=0.01 --out "$work/computed.csv"
  tessera prep images --quiet --images "$work/tiles/images" --labels "$work/computed.csv" --group '^(.+)-' --out "$work/real"
fi
tessera crossvalidate jobs/configs/coating.toml --quiet --folds 5 --run "$work/real_folds" --set data.dataset="$work/real" "${small[@]}" \
  --set train.epochs=15 --set data.crop_area=0.7 | sed 's/^/coatings=real /'
