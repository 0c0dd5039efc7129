#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every figure the README shows that this repository measures, each beside what it is compared with; README.md in
# this folder says of each how it is measured and what bounds it. bench/accuracy.sh prints the test errors.
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
