#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Trials a second through a study's journal, on the disk of TMPDIR, beside Optuna 5 (./dev test installs it): one and four
# processes; a trial a batch, and the trials of a job's 16 workers a batch. What a disk's fsync takes moves by half from
# one second to the next: three rounds in turn, the middle ratio is told. 10 times Optuna's is required.
#   journal.sh [SECONDS]   of each of the 18 runs
set -euo pipefail
cd "$(dirname "$0")/.."
export OMP_NUM_THREADS=1
python=${TESSERA_PYTHON:-.deps/python/bin/python}
seconds=${1:-4}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$python" -c 'import optuna' 2>/dev/null || python=
[[ $python ]] || echo "left out: optuna is not installed in .deps/python (./dev test)"
for processes in 1 4; do
  for _ in 1 2 3; do
    for per_batch in 1 16; do
      build/bin/bench_journal "$work/ours.log" "$seconds" "$processes" "$per_batch"
    done
    if [[ $python ]]; then "$python" bench/peers/journal.py "$work/peer.log" "$seconds" "$processes"; fi
  done
done | tee "$work/figures"
awk '{ split("", f); for (i = 1; i <= NF; ++i) { split($i, part, "="); f[part[1]] = part[2] } }
     f["figure"] { ours[f["trials_per_batch"]] = f["trials_per_second"]; next }
     { for (batch in ours) print f["processes"], batch, ours[batch] / f["trials_per_second"] }' "$work/figures" |
  sort -n -k 1,1 -k 2,2 -k 3,3 |
  awk 'NR % 3 == 2 { printf "processes=%s trials_per_batch=%s ratio=%.1f\n", $1, $2, $3 }'
