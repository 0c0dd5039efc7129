#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The searches of jobs/configs/searches, on two ranks: of the residual U-Net depth × layer, skips, and rates on made
# micrographs; of CGCNN convolutions × width, and a search of five settings, of the mesh network its embedding, on
# mp_elasticity (TESSERA_SHARED_DATA, default ../shared/data). The best trial's errors are those of the test split.
# Tables, heat maps and curves in FOLDER/SWEEP/report.html; started again, each goes on.
#   bench/sweeps.sh [FOLDER [SWEEP…]]
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/build/bin:$PATH" OMP_NUM_THREADS=1 OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
crystals=${TESSERA_SHARED_DATA:-../shared/data}/crystals/mp_elasticity
work=${1:-bench-sweeps}
sweeps=("${@:2}")
[[ ${#sweeps[@]} -gt 0 ]] || sweeps=(depth_layer skip boundary_rates cgcnn_layers cgcnn mesh_embedding)
mkdir -p "$work"

# prepared DATASET
prepared() {
  [[ ! -e $work/$1/manifest.json ]] || return 0
  local elasticity=(tessera prep crystals --quiet --input "$crystals/cifs.tar.xz" --targets "$crystals/targets.csv" --out "$work/$1")
  case $1 in
    made)
      tessera synth micrographs --quiet --count 400 --size 64 --grain-size 16 --seed 1 --out "$work/micrographs"
      tessera prep images --quiet --images "$work/micrographs/images" --masks "$work/micrographs/masks" --out "$work/made" ;;
    graphs) "${elasticity[@]}" --features graph ;;
    meshes) "${elasticity[@]}" --features mesh --mesh periodic ;;
  esac
}

for sweep in "${sweeps[@]}"; do
  case $sweep in
    mesh_*) dataset=meshes ;;
    cgcnn*) dataset=graphs ;;
    *) dataset=made ;;
  esac
  of_dataset=(--set data.dataset="$work/$dataset")
  [[ $dataset != made ]] || of_dataset+=(--set data.split.by=hash --set train.epochs=15)
  prepared $dataset
  echo "# $sweep"
  mpirun -n 2 --oversubscribe --bind-to none tessera search "jobs/configs/searches/$sweep.toml" --quiet "${of_dataset[@]}" \
    --set study.dir="$work/$sweep" | tee "$work/$sweep.found"
  tessera report "$work/$sweep"
  tessera evaluate "$work/$sweep/trials/$(sed -E 's/.*best_trial=([0-9]+).*/\1/' "$work/$sweep.found")" --quiet
  cat "$work/$sweep/trials.csv"
done
