#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The README's tables of test errors: every row trained with the settings below, once for each seed, and evaluated on the
# test part (60/20/20 by hash of the id, duplicates together) by the epoch that validation chose; bench/accuracy.py
# prints the tables. A row: target _ network [_ what differs]. Targets: k, g bulk and shear modulus of mp_elasticity,
# k15, g15 of elastic_tensor_2015, e formation energy and s space group of mp_formation_energy. What is finished is not
# run again. Rows may be named, by patterns too; "peer_…" trains the original in Python (./dev bench --peers) the same way.
#   bench/accuracy.sh [FOLDER [ROW…]]      SEEDS in the environment: no more than so many
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/build/bin:$PATH" OMP_NUM_THREADS=1
data=${TESSERA_SHARED_DATA:-../shared/data}/crystals
work=${1:-bench-accuracy}
shift || true
wanted=("${@:-*}")

# prepared NAME SET ARGUMENTS…: the dataset, made when a row first asks for it.
prepared() {
  local name=$1 set=$2 input
  shift 2
  [[ -e $work/$name/manifest.json ]] && return
  input=(--input "$data/$set/cifs.tar.xz" --targets "$data/$set/targets.csv")
  [[ -d $data/$set ]] || input=(--input "$data/$set")
  tessera prep crystals --quiet "${input[@]}" --out "$work/$name" "$@"
}

dataset() {
  case $1 in
    elasticity) prepared "$1" mp_elasticity ;;
    elasticity_periodic) prepared "$1" mp_elasticity --mesh periodic --features mesh ;;
    tensors) prepared "$1" elastic_tensor_2015.json.gz ;;
    tensors_periodic) prepared "$1" elastic_tensor_2015.json.gz --mesh periodic --features mesh ;;
    energy) prepared "$1" mp_formation_energy ;;
    energy_primitive) prepared "$1" mp_formation_energy --features mesh --cell primitive ;;
    energy_rotated) prepared "$1" mp_formation_energy --features mesh --rotate 1 ;;
    energy_periodic) prepared "$1" mp_formation_energy --mesh periodic --features mesh ;;
    energy_periodic_rotated) prepared "$1" mp_formation_energy --mesh periodic --features mesh --rotate 1 ;;
  esac
}

is_wanted() {
  local pattern
  # shellcheck disable=SC2053  # a pattern is meant as one
  for pattern in "${wanted[@]}"; do [[ $1 != $pattern ]] || return 0; done
  return 1
}

# row NAME CONFIG DATASET SEEDS ARGUMENTS…
row() {
  local name=$1 config=$2 set=$3 seeds=$4 seed run
  shift 4
  is_wanted "$name" || return 0
  [[ $seeds -le ${SEEDS:-$seeds} ]] || seeds=$SEEDS
  dataset "$set"
  for ((seed = 0; seed < seeds; ++seed)); do
    run=$work/runs/$name-$seed
    [[ ! -e $run/test.json ]] || continue
    echo "# $name: tessera train $config.toml --set data.dataset=$work/$set --set train.seed=$seed $*"
    python3 bench/measured.py tessera train "jobs/configs/$config.toml" --quiet --set data.dataset="$work/$set" \
      --set train.seed=$seed --run "$run" "$@" | tee "$work/$name-$seed.took"
    mv "$work/$name-$seed.took" "$run/took"
    tessera evaluate "$run" --quiet --predictions "$run/test.csv" --json "$run/test.json"
  done
}

# The original on the graphs, split and settings of a row's first run.
peer() {
  is_wanted "peer_$1" && [[ -x .deps/peers/bin/python ]] || return 0
  echo "# peer_$1: bench/peers/train_cgcnn.py $1-0 --flush-denormals"
  .deps/peers/bin/python bench/peers/train_cgcnn.py "$work/runs/$1-0" --flush-denormals
}

one_cycle=(--set train.loss=l1 --set train.schedule=one_cycle)
graph=("${one_cycle[@]}" --set train.learning_rate=3e-3 --set train.epochs=60)
points=(--set model.name=pointnet "${one_cycle[@]}" --set train.learning_rate=3e-3 --set train.epochs=60)
# A mesh costs ten to fifty times what a graph does: fewer epochs, more updates in each, bfloat16.
mesh=("${one_cycle[@]}" --set train.learning_rate=2e-3 --set train.epochs=12 --set train.global_batch=64 --set train.precision=bf16)
part=(--set data.split.max_train=8000 --set data.split.max_validation=1000)

for target in k:bulk_modulus:elasticity g:shear_modulus:elasticity k15:bulk_modulus:tensors g15:shear_modulus:tensors; do
  IFS=: read -r name config set <<<"$target"
  column=()
  [[ $set != tensors ]] || column=(--set "data.target=$(tr kg KG <<<"${name%15}")_VRH")
  row "${name}_cgcnn" "$config" "$set" 3 "${column[@]}" "${graph[@]}"
  row "${name}_pointnet" "$config" "$set" 3 "${column[@]}" "${points[@]}"
  row "${name}_deepcrystet_periodic" "$config" "${set}_periodic" 3 "${column[@]}" --set model.name=deepcrystet "${mesh[@]}"
  row "${name}_deepcrystet_periodic_40" "$config" "${set}_periodic" 3 "${column[@]}" --set model.name=deepcrystet "${mesh[@]}" --set train.epochs=40
  row "${name}_mesh_slides_periodic" "$config" "${set}_periodic" 3 "${column[@]}" --set model.name=mesh_slides "${mesh[@]}"
  row "${name}_deepcrystet" "$config" "$set" 3 "${column[@]}" --set model.name=deepcrystet "${mesh[@]}"
  row "${name}_mesh_slides" "$config" "$set" 3 "${column[@]}" --set model.name=mesh_slides "${mesh[@]}"
done

# What bfloat16 costs in accuracy.
row k_deepcrystet_periodic_float32 bulk_modulus elasticity_periodic 3 --set model.name=deepcrystet "${mesh[@]}" --set train.precision=float32

# As the original is trained: squared error, a constant rate.
row k_cgcnn_adam bulk_modulus elasticity 3
peer k_cgcnn_adam
row k_cgcnn_sgd bulk_modulus elasticity 3 --set train.optimizer=momentum --set train.learning_rate=0.01
peer k_cgcnn_sgd

row e_cgcnn formation_energy energy 3 "${graph[@]}"
wide=("${one_cycle[@]}" --set train.learning_rate=2e-3 --set train.global_batch=128 --set train.ema=0.995
  --set model.atom_width=128 --set model.num_convolutions=4)
row e_cgcnn_wide formation_energy energy 1 "${wide[@]}" --set train.epochs=40
row e_cgcnn_wide_100 formation_energy energy 1 "${wide[@]}" --set train.epochs=100
row e_pointnet formation_energy energy 3 "${points[@]}" --set train.epochs=30
row e_deepcrystet_periodic formation_energy energy_periodic 1 --set model.name=deepcrystet "${mesh[@]}"
row e_mesh_slides_periodic formation_energy energy_periodic 1 --set model.name=mesh_slides "${mesh[@]}" "${part[@]}" --set train.epochs=6
row e_deepcrystet formation_energy energy 1 --set model.name=deepcrystet "${mesh[@]}" "${part[@]}" --set train.epochs=6
row e_mesh_slides formation_energy energy 3 --set model.name=mesh_slides "${mesh[@]}" "${part[@]}" --set train.epochs=3

# Space group: refined cell in its standard orientation, primitive cell, refined cell turned at random about a random
# origin. The graph of a crystal is the same in all three.
classes=(--set train.loss=cross_entropy)
row s_cgcnn space_group energy 3 "${graph[@]}" "${classes[@]}" --set train.epochs=30
for setting in refined primitive rotated; do
  set=energy_$setting
  [[ $setting != refined ]] || set=energy
  row "s_pointnet_$setting" space_group "$set" 3 "${points[@]}" "${classes[@]}" --set train.epochs=20
  row "s_deepcrystet_$setting" space_group "$set" 3 --set model.name=deepcrystet "${mesh[@]}" "${classes[@]}" "${part[@]}" --set train.epochs=5
  row "s_mesh_slides_$setting" space_group "$set" 3 --set model.name=mesh_slides "${mesh[@]}" "${classes[@]}" "${part[@]}" --set train.epochs=3
done
row s_mesh_slides_periodic space_group energy_periodic 3 --set model.name=mesh_slides "${mesh[@]}" "${classes[@]}" "${part[@]}" --set train.epochs=6
row s_deepcrystet_periodic space_group energy_periodic 3 --set model.name=deepcrystet "${mesh[@]}" "${classes[@]}" "${part[@]}"
row s_deepcrystet_periodic_rotated space_group energy_periodic_rotated 3 --set model.name=deepcrystet "${mesh[@]}" "${classes[@]}" "${part[@]}"

# Learning curves.
for count in 1000 2000 4000 8000; do
  size=(--set "data.split.max_train=$count" --set data.split.max_validation=1000)
  row "e_cgcnn_of_$count" formation_energy energy 3 "${graph[@]}" "${size[@]}"
  row "e_deepcrystet_periodic_of_$count" formation_energy energy_periodic 3 --set model.name=deepcrystet "${mesh[@]}" "${size[@]}"
done

python3 bench/accuracy.py "$work/runs"
