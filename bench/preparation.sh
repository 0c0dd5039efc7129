#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What preparing crystals costs on one core, each step beside its Python peer (./dev bench --peers) on the same
# 300 + 300 real crystals, run one after the other. Real data in TESSERA_SHARED_DATA (default ../shared/data).
#   bench/preparation.sh [COUNT]   crystals of each set, 300
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/build/bin:$PATH" OMP_NUM_THREADS=1
count=${1:-300}
data=${TESSERA_SHARED_DATA:-../shared/data}/crystals
python=.deps/peers/bin/python
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# choose SET: every k-th crystal in order of its id, the same wherever this runs.
choose() {
  local all=$work/all/$1 chosen=$work/$1
  mkdir -p "$all" "$chosen"
  tar -C "$all" -xf "$data/mp_$1/cifs.tar.xz"
  find "$all" -name '*.cif' | LC_ALL=C sort |
    awk -v count="$count" '{ path[NR] = $0 } END { k = int(NR / count); if (k < 1) k = 1
      for (i = 1; i <= NR && chosen < count; i += k) { print path[i]; ++chosen } }' |
    xargs cp -t "$chosen"
}

# prepare SET STAGE ARGUMENTS…: the verb itself, reading files and writing shards; the middle of three by processor time.
prepare() {
  local set=$1 stage=$2
  shift 2
  for round in 1 2 3; do
    taskset -c 0 python3 bench/measured.py tessera prep crystals --quiet --fresh --out "$work/$stage-$set-$round" "$@" | tr '\n' ' '
    echo
  done | sed -E 's/.*records=([0-9]+).*processor_seconds=([0-9.]+) (.*)/\1 \2 \3/' | sort -k2,2g | sed -n 2p |
    awk -v set="$set" -v stage="$stage" '{ printf "set=%s stage=%s crystals=%s seconds=%s crystals_per_second=%.1f %s %s\n",
      set, stage, $1, $2, $1 / $2, $3, $4 }'
}

# bytes SET STAGE
bytes() {
  local dataset=$work/$2-$1-1
  echo "set=$1 bytes_per_crystal=$(($(cat "$dataset"/shard-*.h5 | wc -c) / $(($(wc -l <"$dataset/records.csv") - 1))))"
}

sets=()
for set in elasticity formation_energy; do
  if [[ -e $data/mp_$set/cifs.tar.xz ]]; then
    choose "$set"
    sets+=("$work/$set")
  else
    echo "# left out: $data/mp_$set is not there"
  fi
done
((${#sets[@]})) || exit 0

if [[ -x $python ]]; then
  echo "# Python peers, one core"
  taskset -c 0 "$python" bench/peers/preparation.py "${sets[@]}" | tee "$work/peers"
else
  echo "# left out: the Python peers (./dev bench --peers installs them)"
fi
echo "# Tessera, one core: each step on crystals in memory"
taskset -c 0 bench_preparation "${sets[@]}" | tee "$work/ours"
echo "# Tessera, one core: the whole preparation, from files to shards"
for folder in "${sets[@]}"; do
  set=$(basename "$folder")
  prepare "$set" prep_graph --input "$folder" --features graph
  prepare "$set" prep_mesh --input "$folder" --features mesh
  prepare "$set" prep_mesh_periodic --input "$folder" --features mesh --mesh periodic
  prepare "$set" prep --input "$folder"
done | tee -a "$work/ours"
echo "# memory stays flat: both sets together"
prepare both prep --input "${sets[@]}" | tee -a "$work/ours"
echo "# bytes a crystal on disk, graph and mesh (DeepCrysTet's compressed: 15 300 and 36 600)"
for folder in "${sets[@]}"; do bytes "$(basename "$folder")" prep; done
echo "# the periodic mesh of crystals described otherwise: origin, order of atoms, lattice vectors, supercell"
for folder in "${sets[@]}"; do bench_mesh_descriptions "$folder"; done
peers=()
[[ -e $work/peers ]] && peers=("$work/peers")
python3 bench/ratios.py "$work/ours" "${peers[@]}"
