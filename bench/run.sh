#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The figures of speed and parity that the README shows, each beside what it is compared with; README.md in this folder says
# of each how it is measured and what bounds it. By hand, since they train networks or take long: accuracy.sh, micrographs.sh,
# micrograph_sets.sh, sweeps.sh, pruning.sh, coatings.sh, structure_property.sh, reconstruction.sh, deepcrystet.sh.
set -euo pipefail
cd "$(dirname "$0")"
./preparation.sh
./measure.sh
./feed.sh
./journal.sh
./training.sh
./scaling.sh
./search.sh
./parity.sh
./structures.sh
