# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What all jobs of this folder do: one srun of a verb, and at the end of their time, back into the queue. A verb that is
# started again goes on where it stands, whatever ended it.
set -euo pipefail

say() { echo "$(date '+%F %T') $*"; }

# The controller is asked once, for a program that stops in time must know when that is.
know_the_end() {
  local end
  end=$(scontrol show job -o "$1" 2>/dev/null | sed -nE '1s/.* EndTime=([^ ]+).*/\1/p')
  if [[ -n $end && $end != Unknown && $end != None ]]; then
    export SLURM_JOB_END_TIME=${SLURM_JOB_END_TIME:-$(date -d "$end" +%s)}
  fi
}

# run WORD…: `tessera WORD…` on every task of the job. Does not return.
run() {
  local code=0 job=$SLURM_JOB_ID restarts=${SLURM_RESTART_COUNT:-0}
  [[ -z ${SLURM_ARRAY_TASK_ID:-} ]] || job=${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID
  know_the_end "$job"
  export TESSERA_REQUEUE_FILE=$PWD/.tessera-requeue-$job PATH=$TESSERA_BIN:$PATH
  export OMP_NUM_THREADS=${OMP_NUM_THREADS:-${SLURM_CPUS_PER_TASK:-1}}
  rm -f "$TESSERA_REQUEUE_FILE"
  say "job $job, start $((restarts + 1)), on $SLURM_JOB_NODELIST, ${SLURM_NTASKS:-1} tasks of $OMP_NUM_THREADS threads," \
    "$(tessera --version), $(srun --version)"
  say "tessera $*"

  # Since Slurm 22.05 srun takes no cores a task from sbatch.
  srun --mpi="$TESSERA_MPI" --cpus-per-task="${SLURM_CPUS_PER_TASK:-1}" "${TESSERA_SRUN[@]}" "$TESSERA_BIN/tessera" "$@" || code=$?

  if [[ $code == 3 && -e $TESSERA_REQUEUE_FILE ]]; then
    rm -f "$TESSERA_REQUEUE_FILE"
    if ((restarts >= TESSERA_MAX_RESTARTS)); then
      say "stopped in time, and started $((restarts + 1)) times: not put back (TESSERA_MAX_RESTARTS). sbatch it again to go on"
    else
      say "stopped in time: back into the queue"
      scontrol requeue "$job" && sleep 60  # until Slurm ends this script
    fi
  elif [[ $code == 3 ]]; then
    say "stopped in time, not put back into the queue. sbatch it again to go on"
  elif [[ $code != 0 ]]; then
    say "failed, exit code $code"
  fi
  exit "$code"
}
