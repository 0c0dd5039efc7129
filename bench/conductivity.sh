#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Effective conductivity of real structures on one core: crops of Berea and Ketton sandstone and limestone whose pores or grains
# conduct, and a sandstone of 256², beside TauFactor and SciPy's conjugate gradients (./dev bench --peers) on the same arrays.
# The last lines are the ratios to the faster of the two; 5 is required.
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
if ! "$python" -c 'import taufactor' 2>/dev/null; then
  echo "# left out: TauFactor is not installed in .deps/structure-peers (./dev bench --peers)"
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
maps=()
for map in berea_64:0 berea_100:0 ketton_64:0 ketton_100:0 berea_100:1 berea_slice:1 sandstone_256:0; do maps+=("$work/${map%:*}.npy:${map#*:}"); done
{
  taskset -c 0 build/bin/bench_conductivity "${maps[@]}"
  taskset -c 0 "$python" bench/peers/conductivity.py "${maps[@]}"
} | tee "$work/figures"
awk '
  { split("", f); for (i = 1; i <= NF; ++i) { split($i, part, "="); f[part[1]] = part[2] } }
  !("peer" in f) { ours[f["set"]] = f["seconds"]; value[f["set"]] = f["effective"]; order[++n] = f["set"] }
  "peer" in f && (!(f["set"] in best) || f["seconds"] < best[f["set"]]) { best[f["set"]] = f["seconds"]; who[f["set"]] = f["peer"] }
  "peer" in f { other[f["set"], f["peer"]] = f["effective"] }
  END { for (i = 1; i <= n; ++i) printf "set=%s faster_peer=%s ratio=%.1f difference_from_cg=%.1e\n", order[i], who[order[i]],
    best[order[i]] / ours[order[i]], value[order[i]] - other[order[i], "scipy_cg"] }' "$work/figures"
