#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Real structures on one core, beside Python on the same arrays (./dev bench --peers), one after the other: statistics of a
# sandstone of 256² and the first 100³ of a Berea sandstone, beside pymks and porespy (10 required); effective conductivity of
# crops of Berea and Ketton whose pores or grains conduct, beside TauFactor and SciPy's conjugate gradients (5 times the faster
# of the two required). The last lines of each are the ratios.
set -euo pipefail
cd "$(dirname "$0")/.."
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1
python=${TESSERA_STRUCTURE_PEERS_PYTHON:-.deps/structure-peers/bin/python}
images=${TESSERA_SHARED_DATA:-../shared/data}/images
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [[ ! -e $images/porous/berea.zip ]]; then
  echo "# left out: $images is not there"
  exit 0
fi
if ! "$python" -c 'import porespy, pymks, taufactor' 2>/dev/null; then
  echo "# left out: porespy, pymks and TauFactor are not installed in .deps/structure-peers (./dev bench --peers)"
  exit 0
fi
"$python" - "$images" "$work" <<'PYTHON'
import io, pathlib, sys, zipfile
import imageio.v3, numpy
images, work = map(pathlib.Path, sys.argv[1:])
for rock in "berea", "ketton":
    volume = imageio.v3.imread(io.BytesIO(zipfile.ZipFile(images / f"porous/{rock}.zip").read(f"{rock}.tif")), extension=".tif") > 0
    for size in 64, 100:
        numpy.save(work / f"{rock}_{size}.npy", volume[:size, :size, :size].astype(numpy.uint8))
    numpy.save(work / f"{rock}_slice.npy", volume[0, :256, :256].astype(numpy.uint8))
numpy.save(work / "sandstone_256.npy", numpy.load(images / "reconstruction/sandstone_resized.npy"))
PYTHON

maps=("$work/sandstone_256.npy" "$work/berea_100.npy")
{
  taskset -c 0 build/bin/bench_statistics "${maps[@]}"
  taskset -c 0 "$python" bench/peers/phase_statistics.py "${maps[@]}"
} | tee "$work/statistics"
awk '
  { split("", f); for (i = 1; i <= NF; ++i) { split($i, part, "="); f[part[1]] = part[2] } }
  "statistic" in f { ours[f["set"] f["statistic"]] = f["milliseconds"]; value[f["set"] f["statistic"]] = f["value"] }
  "peer" in f {
    statistic = f["peer"]; sub(/^[a-z]*_/, "", statistic)
    if (f["peer"] == "porespy_two_point") statistic = "two_point_open"
    printf "set=%s statistic=%s peer=%s ratio=%.1f", f["set"], statistic, f["peer"], f["milliseconds"] / ours[f["set"] statistic]
    if ("value" in f) printf " difference=%.1e", f["value"] - value[f["set"] statistic]
    print "" }' "$work/statistics"

maps=()
for map in berea_64:0 berea_100:0 ketton_64:0 ketton_100:0 berea_100:1 berea_slice:1 sandstone_256:0; do maps+=("$work/${map%:*}.npy:${map#*:}"); done
{
  taskset -c 0 build/bin/bench_conductivity "${maps[@]}"
  taskset -c 0 "$python" bench/peers/conductivity.py "${maps[@]}"
} | tee "$work/conductivity"
awk '
  { split("", f); for (i = 1; i <= NF; ++i) { split($i, part, "="); f[part[1]] = part[2] } }
  !("peer" in f) { ours[f["set"]] = f["seconds"]; value[f["set"]] = f["effective"]; order[++n] = f["set"] }
  "peer" in f && (!(f["set"] in best) || f["seconds"] < best[f["set"]]) { best[f["set"]] = f["seconds"]; who[f["set"]] = f["peer"] }
  "peer" in f { other[f["set"], f["peer"]] = f["effective"] }
  END { for (i = 1; i <= n; ++i) printf "set=%s faster_peer=%s ratio=%.1f difference_from_cg=%.1e\n", order[i], who[order[i]],
    best[order[i]] / ours[order[i]], value[order[i]] - other[order[i], "scipy_cg"] }' "$work/conductivity"
