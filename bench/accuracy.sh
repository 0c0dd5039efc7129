#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The README's table of test errors: every row trained with the settings below and evaluated on the test split
# (hash of the id, 60/20/20) by the epoch that validation chose: k and g on mp_elasticity, e on
# mp_formation_energy. Rows may be named.
# Where `./dev bench --peers` has installed them, the rows "peer_…" train the original in Python the same way.
#   bench/accuracy.sh [FOLDER [ROW…]]
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/build/bin:$PATH" OMP_NUM_THREADS=1
data=${TESSERA_SHARED_DATA:-../shared/data}/crystals
work=${1:-bench-accuracy}
shift || true
rows=("$@")
((${#rows[@]})) || rows=({k,g}_cgcnn_adam k_cgcnn_sgd peer_k_cgcnn_{adam,sgd} {k,g}_pointnet {k,g}_{deepcrystet,mesh_slides}{,_periodic} {k,g}_deepcrystet_periodic_40
  e_cgcnn)
sgd=(--set train.optimizer=momentum --set train.learning_rate=0.01)
# A mesh crystal costs about fifty times a graph: fewer epochs, more updates in each, bfloat16.
mesh=(--set train.precision=bf16 --set train.epochs=12 --set train.global_batch=64 --set train.schedule=one_cycle
  --set train.learning_rate=2e-3)

# prepare NAME SET ARGUMENTS…
prepare() {
  local name=$1 set=$2
  shift 2
  tessera prep crystals --quiet --input "$data/$set/cifs.tar.xz" --targets "$data/$set/targets.csv" --out "$work/$name" "$@"
}
prepare dataset mp_elasticity
prepare periodic mp_elasticity --mesh periodic --cell primitive --features mesh
[[ " ${rows[*]} " != *" e_"* ]] || prepare formation_energy mp_formation_energy --features graph

row() {
  local name=$1 config=$2
  shift 2
  [[ " ${rows[*]} " == *" $name "* ]] || return 0
  echo "# $name: tessera train $config $*"
  tessera train "jobs/configs/$config" --quiet --set data.dataset="$work/dataset" --run "$work/$name" "$@"
  tessera evaluate "$work/$name" --quiet
}

# The original on the graphs, split and settings of a row's run.
peer() {
  [[ " ${rows[*]} " == *" peer_$1 "* && -x .deps/peers/bin/python ]] || return 0
  echo "# peer_$1: bench/peers/train_cgcnn.py $1 --flush-denormals"
  .deps/peers/bin/python bench/peers/train_cgcnn.py "$work/$1" --flush-denormals
}

row k_cgcnn_adam bulk_modulus.toml
peer k_cgcnn_adam
row k_cgcnn_sgd bulk_modulus.toml "${sgd[@]}"
peer k_cgcnn_sgd
row g_cgcnn_adam shear_modulus.toml
for target in k_bulk g_shear; do
  config=${target#*_}_modulus.toml
  row "${target%_*}_pointnet" "$config" --set model.name=pointnet
  row "${target%_*}_deepcrystet" "$config" --set model.name=deepcrystet "${mesh[@]}"
  row "${target%_*}_mesh_slides" "$config" --set model.name=mesh_slides "${mesh[@]}"
  row "${target%_*}_deepcrystet_periodic_40" "$config" --set data.dataset="$work/periodic" --set model.name=deepcrystet \
    "${mesh[@]}" --set train.epochs=40
  for network in deepcrystet mesh_slides; do
    row "${target%_*}_${network}_periodic" "$config" --set data.dataset="$work/periodic" --set model.name=$network "${mesh[@]}"
  done
done
row e_cgcnn formation_energy.toml --set data.dataset="$work/formation_energy" --set train.epochs=60 \
  --set train.schedule=one_cycle --set train.learning_rate=3e-3
