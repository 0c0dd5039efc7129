#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Hyperparameter search on one core: the best of 100 trials on four known functions, and what a suggestion costs among
# many finished trials, beside Optuna's TPE on the same functions (./dev bench --peers). Ours over 20 seeds and over 400,
# whose median hangs less on chance; the peer over 100, so that its quartiles hang less on it, ten minutes. The last lines
# compare: our default with the better of Optuna's two variants (its q3 or better is required), and the cost of a suggestion
# (30 required). Between them how busy one coordinator keeps its workers, and what a replayable study costs, in virtual time.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/build/bin:$PATH" OMP_NUM_THREADS=1
python=${TESSERA_PEERS_PYTHON:-.deps/peers/bin/python}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

taskset -c 0 bench_search_quality quality 20 | tee "$work/ours"
taskset -c 0 bench_search_quality quality 400 tpe | tee -a "$work/ours"
taskset -c 0 bench_search_quality speed | tee -a "$work/ours"
bench_search_workers "$work"
if ! "$python" -c 'import optuna' 2>/dev/null; then
  echo "left out: optuna is not installed in .deps/peers (./dev bench --peers)"
  exit 0
fi
taskset -c 0 "$python" bench/peers/search_quality.py quality 100 | tee "$work/peer"
taskset -c 0 "$python" bench/peers/search_quality.py speed | tee -a "$work/peer"
awk '
  { split("", f); for (i = 1; i <= NF; ++i) { split($i, part, "="); f[part[1]] = part[2] } }
  FNR == NR && "suggest_ms" in f { ours[f["finished"], f["sampler"]] = f["suggest_ms"] }
  FNR == NR && f["sampler"] == "multivariate" { found[f["problem"], f["seeds"]] = f["median"] }
  FNR < NR && "suggest_ms" in f {
    printf "finished=%s sampler=%s ratio=%.0f\n", f["finished"], f["sampler"], f["suggest_ms"] / ours[f["finished"], f["sampler"]]
  }
  FNR < NR && (f["sampler"] == "multivariate" || f["sampler"] == "univariate") && "median" in f {
    p = f["problem"]
    if (!(p in best) || f["median"] < best[p]) { best[p] = f["median"]; q1[p] = f["q1"]; q3[p] = f["q3"] }
  }
  END {
    for (p in best)
      printf "problem=%s optuna=%s q1=%s q3=%s ours=%s ours_of_400=%s within_or_better=%s of_400=%s\n", p, best[p], q1[p], q3[p], found[p, 20],
        found[p, 400], (found[p, 20] <= q3[p] ? "yes" : "no"), (found[p, 400] <= q3[p] ? "yes" : "no")
  }' "$work/ours" "$work/peer"
