#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What a second rank is worth: training steps of cgcnn on mp_elasticity, global batch 256, on 1 and 2 ranks of one core
# each, beside torch's DistributedDataParallel with gloo (./dev bench --peers), and two runs of one rank and batch 128 at
# the same time, which share nothing but the machine: its own ceiling; and what that foretells of more ranks.
# Needs an idle machine with a core for each rank. Real data in TESSERA_SHARED_DATA (default ../shared/data).
#   bench/scaling.sh [EPOCHS]
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/build/bin:$PATH" OMP_NUM_THREADS=1 OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
epochs=${1:-10}
data=${TESSERA_SHARED_DATA:-../shared/data}/crystals/mp_elasticity
python=.deps/peers/bin/python
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [[ ! -e $data/cifs.tar.xz ]]; then
  echo "# left out: $data is not there"
  exit 0
fi
tessera prep crystals --quiet --features graph --input "$data/cifs.tar.xz" --targets "$data/targets.csv" --out "$work/dataset" >/dev/null

# alone ROUND CORE: one rank on a core of its own with the share of the batch that it has among two.
alone() {
  taskset -c "$2" tessera train jobs/configs/bulk_modulus.toml --quiet --set data.dataset="$work/dataset" --set train.global_batch=128 \
    --set train.epochs="$epochs" --set train.threads_per_rank=1 --run "$work/alone-$2-$1" >/dev/null
}

# Three rounds of each, ours and the peer's in turn: the best of each counts, since a disturbed rank holds up the other.
for round in 1 2 3; do
  for ranks in 1 2; do
    mpirun -n "$ranks" --bind-to core tessera train jobs/configs/bulk_modulus.toml --quiet --set data.dataset="$work/dataset" \
      --set train.epochs="$epochs" --set train.threads_per_rank=1 --run "$work/run-$ranks-$round" >/dev/null
    if [[ -x $python ]]; then
      "$python" bench/peers/ddp_cgcnn.py "$work/run-$ranks-$round" --ranks "$ranks" --epochs "$epochs" 2>/dev/null
    fi
  done
  alone "$round" 0 &
  alone "$round" 1
  wait
done | tee "$work/peers"
mpirun -n 2 --bind-to core bench_communication | tee "$work/communication"
python3 bench/scaling.py "$work" "$epochs"
