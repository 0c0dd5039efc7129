#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Statistics of real phase maps on one core, a sandstone of 256² and the first 100³ of a Berea sandstone, beside pymks and
# porespy (./dev bench --peers) on the same maps, one after the other. The last lines are the ratios; 10 is required of each
# two-point function and of the lineal path.
set -euo pipefail
cd "$(dirname "$0")/.."
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
python=${TESSERA_STRUCTURE_PEERS_PYTHON:-.deps/structure-peers/bin/python}
images=${TESSERA_SHARED_DATA:-../shared/data}/images
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [[ ! -e $images/porous/berea.zip ]]; then
  echo "# left out: $images is not there"
  exit 0
fi
if ! "$python" -c 'import porespy, pymks' 2>/dev/null; then
  echo "# left out: porespy and pymks are not installed in .deps/structure-peers (./dev bench --peers)"
  exit 0
fi
"$python" - "$images" "$work" <<'PYTHON'
import io, pathlib, sys, zipfile
import imageio.v3, numpy
images, work = map(pathlib.Path, sys.argv[1:])
berea = imageio.v3.imread(io.BytesIO(zipfile.ZipFile(images / "porous/berea.zip").read("berea.tif")), extension=".tif")
numpy.save(work / "berea_100.npy", (berea[:100, :100, :100] > 0).astype(numpy.uint8))
numpy.save(work / "sandstone_256.npy", numpy.load(images / "reconstruction/sandstone_resized.npy"))
PYTHON
maps=("$work/sandstone_256.npy" "$work/berea_100.npy")
{
  taskset -c 0 build/bin/bench_statistics "${maps[@]}"
  taskset -c 0 "$python" bench/peers/phase_statistics.py "${maps[@]}"
} | tee "$work/figures"
awk '
  { split("", f); for (i = 1; i <= NF; ++i) { split($i, part, "="); f[part[1]] = part[2] } }
  "statistic" in f { ours[f["set"] f["statistic"]] = f["milliseconds"]; value[f["set"] f["statistic"]] = f["value"] }
  "peer" in f {
    statistic = f["peer"]; sub(/^[a-z]*_/, "", statistic)
    if (f["peer"] == "porespy_two_point") statistic = "two_point_open"
    printf "set=%s statistic=%s peer=%s ratio=%.1f", f["set"], statistic, f["peer"], f["milliseconds"] / ours[f["set"] statistic]
    if ("value" in f) printf " difference=%.1e", f["value"] - value[f["set"] statistic]
    print "" }' "$work/figures"
