#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A Slurm of two nodes, n1 and n2, on this machine: munge, a controller, and for each node a slurmd that has its own host
# name, process ids and shared memory, so that ranks of one node meet there and those of two over TCP. Needs root and namespaces.
#   cluster.sh start FOLDER     FOLDER: for its state, not yet there; then SLURM_CONF=FOLDER/slurm.conf for sbatch, squeue …
#   cluster.sh node FOLDER N    start slurmd of node N, after it was killed
#   cluster.sh kill FOLDER N    node N gone at once, with all that runs on it
#   cluster.sh stop FOLDER
# Exits with 77 and says why where it cannot be.
set -euo pipefail
export PATH=$PATH:/usr/sbin
cpus=2

cannot() {
  echo "SKIPPED: no Slurm of two nodes here: $1"
  exit 77
}

start_node() {
  local folder=$1 node=$2
  rm -rf "$folder"/{spool,tmp}-"$node"  # or the sockets of what it was killed with are in the way
  mkdir "$folder"/{spool,tmp}-"$node"
  # PID namespace: whoever kills its first process has killed the node.
  setsid unshare --mount --uts --pid --fork --mount-proc --propagation private bash -c "
    hostname $node
    mount -t tmpfs tmpfs /dev/shm
    exec slurmd -D -N $node -f '$folder/slurm.conf' -L '$folder/slurmd-$node.log'" </dev/null >/dev/null 2>&1 &
  echo $! >"$folder/unshare-$node.pid"
}

kill_node() {
  local outer
  outer=$(<"$1/unshare-$2.pid")
  pkill -KILL -P "$outer" 2>/dev/null || true  # the first process of its namespace, and with it all others
  kill -KILL "$outer" 2>/dev/null || true
}

start() {
  local folder=$1 program port
  for program in munged slurmctld slurmd sbatch unshare; do
    command -v "$program" >/dev/null || cannot "$program is not installed (./dev test installs it)"
  done
  [[ $EUID == 0 ]] || cannot "not root"
  unshare --mount --uts --pid --fork --mount-proc --propagation private true 2>/dev/null || cannot "namespaces are not allowed"

  mkdir -p "$folder"/{state,munge}
  folder=$(realpath "$folder")
  chmod 711 "$folder" "$folder/munge"
  dd if=/dev/urandom of="$folder/munge/key" bs=128 count=1 status=none
  chmod 400 "$folder/munge/key"
  port=$((20000 + RANDOM % 20000))
  cat >"$folder/slurm.conf" <<CONF
ClusterName=tessera
SlurmctldHost=$(hostname)(127.0.0.1)
SlurmctldPort=$port
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$folder/munge/socket
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool-%n
TmpFS=$folder/tmp-%n
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd-%n.pid
SlurmctldLogFile=$folder/slurmctld.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
MpiDefault=pmix
ReturnToService=2
SlurmdTimeout=5
KillWait=20
MinJobAge=3600
JobRequeue=1
PropagateResourceLimits=NONE
SchedulerParameters=sched_interval=1,sched_min_interval=200000
NodeName=n1 NodeHostname=n1 NodeAddr=127.0.0.1 Port=$((port + 1)) CPUs=$cpus State=UNKNOWN
NodeName=n2 NodeHostname=n2 NodeAddr=127.0.0.1 Port=$((port + 2)) CPUs=$cpus State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
  munged --force --key-file="$folder/munge/key" --socket="$folder/munge/socket" --pid-file="$folder/munge/pid" \
    --log-file="$folder/munge/log" --seed-file="$folder/munge/seed" >/dev/null 2>&1
  export SLURM_CONF=$folder/slurm.conf
  slurmctld -i -f "$SLURM_CONF" >/dev/null 2>&1
  start_node "$folder" n1
  start_node "$folder" n2
  for _ in {1..60}; do
    [[ $(sinfo -h -o '%T' 2>/dev/null) != idle ]] || [[ $(sinfo -h -o %D) != 2 ]] || return 0
    sleep 0.5
  done
  tail -n 5 "$folder"/*.log
  cannot "its nodes did not come up"
}

stop() {
  local node daemon
  for node in n1 n2; do kill_node "$1" "$node"; done
  for daemon in slurmctld.pid munge/pid; do
    [[ ! -e $1/$daemon ]] || kill -KILL "$(<"$1/$daemon")" 2>/dev/null || true
  done
}

case ${1:-} in
  start | stop) "$1" "$2" ;;
  node) start_node "$(realpath "$2")" "$3" ;;
  kill) kill_node "$2" "$3" ;;
  *) sed -n '3,10s/^# \{0,1\}//p' "$0" >&2 && exit 2 ;;
esac
