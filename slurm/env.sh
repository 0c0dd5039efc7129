# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The one file to change for a site; every script of this folder reads it first, in the job.

# What Tessera was built with, in this site's words:
# module purge && module load gcc openmpi hdf5 cuda

# Where its programs lie: unless told, in the build beside this folder, or installed (PREFIX/share/tessera/slurm, PREFIX/bin).
for bin in build/bin ../../bin; do
  TESSERA_BIN=${TESSERA_BIN:-$(realpath -q -e "$(dirname "${BASH_SOURCE[0]}")/../$bin" || true)}
done

# How srun meets MPI: `srun --mpi=list` names what this Slurm has. Open MPI asks for pmix.
TESSERA_MPI=${TESSERA_MPI:-pmix}

# shellcheck disable=SC2034  # read by job.sh
# More for srun: --cpu-bind=cores, --gpus-per-task=1 …
TESSERA_SRUN=(--kill-on-bad-exit=1)

# So often a job puts itself back into the queue at the end of its time.
TESSERA_MAX_RESTARTS=${TESSERA_MAX_RESTARTS:-50}
