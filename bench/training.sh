#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Training steps of every network on one core, three epochs of cgcnn beside the original in Python on the same
# LibTorch (./dev bench --peers), and what two ranks pay for each other. Real data in TESSERA_SHARED_DATA (default
# ../shared/data); rows that need it are left out aloud without it.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/build/bin:$PATH" OMP_NUM_THREADS=1
data=${TESSERA_SHARED_DATA:-../shared/data}/crystals/mp_elasticity
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [[ -e $data/cifs.tar.xz ]]; then
  echo "# prep crystals: mp_elasticity, graph and mesh, one core (required: under 60 s)"
  taskset -c 0 tessera prep crystals --quiet --input "$data/cifs.tar.xz" --targets "$data/targets.csv" --out "$work/dataset"
  echo "# bytes a crystal on disk (DeepCrysTet's compressed: 15 300)"
  echo "bytes_per_crystal=$(($(cat "$work"/dataset/shard-*.h5 | wc -c) / $(($(wc -l <"$work/dataset/records.csv") - 1))))"
else
  echo "# left out: $data is not there"
fi
for network in cgcnn deepcrystet mesh_slides pointnet; do
  echo "# training step of $network, float32, one core, beside the product ceiling of the same process"
  taskset -c 0 bench_training_step "$network"
done
peers=.deps/peers/bin/python
echo "# training step of the segmentation networks, 256² grey, batch 4, one core, beside the convolution ceiling of the same"
echo "# process; the same residual U-Net in Python on the same LibTorch before it"
unet='name = "residual_unet"'
for settings in "depth=4 layer=2 base_width=16" "depth=4 layer=3 base_width=32"; do
  read -r depth layer width <<<"$settings"
  for precision in float32 bf16; do
    if [[ -x $peers ]]; then
      bf16=()
      if [[ $precision == bf16 ]]; then bf16=(--bf16); fi
      taskset -c 0 "$peers" bench/peers/train_unet.py --depth "${depth#*=}" --layer "${layer#*=}" --base-width "${width#*=}" "${bf16[@]}"
    fi
    taskset -c 0 bench_segmentation_step "$(printf '%s\n' "$unet" "$depth" "$layer" "$width")" 256 4 "$precision"
  done
done
for backbone in mobilenet_v2 xception; do
  taskset -c 0 bench_segmentation_step "$(printf '%s\n' 'name = "deeplabv3plus"' "backbone = \"$backbone\"")"
done
if [[ -x $peers && -e $work/dataset ]]; then
  echo "# three epochs of cgcnn on mp_elasticity, one core: Tessera, then the original in Python on the same LibTorch, as its"
  echo "# users run it and with denormals flushed"
  taskset -c 0 tessera train jobs/configs/bulk_modulus.toml --quiet --set data.dataset="$work/dataset" --set train.epochs=3 --run "$work/cgcnn"
  for flush in "" --flush-denormals; do
    taskset -c 0 "$peers" bench/peers/train_cgcnn.py "$work/cgcnn" --epochs 3 ${flush:+"$flush"}
  done
else
  echo "# left out: the Python peers (./dev bench --peers installs them)"
fi
if [[ -e $work/dataset ]]; then
  echo "# deepcrystet, one core: the original in Python, its pooling as published and mended, then Tessera"
  bench/deepcrystet.sh "$work/dataset"
fi
echo "# all-reduce, reproducible sum and gradient reducer over two ranks"
mpirun -n 2 --oversubscribe --bind-to none bench_communication
echo "# the stall of a checkpoint, beside waiting for it, and a step beside its writer"
bench_checkpoint "$work"
