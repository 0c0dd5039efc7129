#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What a pruner saves on a real search: CGCNN's settings for bulk moduli of mp_elasticity (TESSERA_SHARED_DATA, default
# ../shared/data), the same 40 settings for each (quasi-random, so that no sampler learns from what was pruned), up to 54
# epochs a trial: ASHA that stops trials, and ASHA that parks and promotes them. Epochs trained and the best validation
# error, once for each seed, on one rank. Then, so that the comparison hangs less on chance: 48 such trials of 27 epochs
# without a pruner, and after how many epochs either would have found one as good as the best of these trainings, the third
# and the fifth, in 200 searches that draw from them, on 1, 4 and 16 workers, rungs at 1, 3, 9 epochs; on 4 at 2, 6, 18
# (bench_pruning).
#   bench/pruning.sh [FOLDER]      SEEDS (default 3; 0: only the latter) in the environment
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/build/bin:$PATH" OMP_NUM_THREADS=1
crystals=${TESSERA_SHARED_DATA:-../shared/data}/crystals/mp_elasticity
work=${1:-bench-pruning}
mkdir -p "$work"
[[ -e $work/graphs/manifest.json ]] ||
  tessera prep crystals --quiet --features graph --input "$crystals/cifs.tar.xz" --targets "$crystals/targets.csv" --out "$work/graphs"
for ((seed = 0; seed < ${SEEDS:-3}; ++seed)); do
  for pruner in asha asha_promotion; do
    echo -n "pruner=$pruner seed=$seed "
    tessera search jobs/configs/searches/cgcnn.toml --quiet --set data.dataset="$work/graphs" --set sampler.name=quasi_random \
      --set sampler.seed=$seed --set pruner.name=$pruner --set study.dir="$work/$pruner-$seed"
  done
done
tessera search jobs/configs/searches/cgcnn.toml --quiet --set data.dataset="$work/graphs" --set sampler.name=quasi_random \
  --set sampler.seed=0 --set pruner.name=none --set study.trials=48 --set train.epochs=27 --set study.dir="$work/all"
for workers in 1 4 16; do bench_pruning "$work/all" 200 $workers 1 3; done
bench_pruning "$work/all" 200 4 2 3
