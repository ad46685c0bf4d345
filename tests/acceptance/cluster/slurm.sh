#!/bin/bash
# The files of docs/cluster as they stand, under a Slurm of its own on loopback: munged, slurmctld, and two slurmd as two nodes of this machine. A run with
# MPICH (srun --mpi=pmi2) on both nodes and one with Open MPI (--mpi=pmix) on one are requeued shortly before their time is over, and when they are
# preempted, and go on with every committed game; so does an array of runs. Every line has the figure and its target; exits with 1 if one is missed.
# Takes about eight minutes. Needs root, and the packages slurm-wlm, munge, sqlite3.
#
# Usage: slurm.sh [pmi2|pmix|array]...       TENGEN: the program (default: the release build).
root=$(cd "$(dirname "$0")/../../.." && pwd)
export TENGEN=${TENGEN:-$root/build/release/tengen}
for program in munged slurmctld slurmd sbatch sqlite3; do
    if [ "$(id -u)" != 0 ] || ! PATH=$PATH:/usr/sbin command -v $program > /dev/null; then
        echo "needs root and $program: apt install slurm-wlm munge sqlite3"
        exit 3
    fi
done
export PATH=$PATH:/usr/sbin
work=$(mktemp -d)
chmod 755 "$work"
export SLURM_CONF=$work/slurm.conf
failed=0
daemons=()

report() { # NAME FIGURE TARGET CONDITION...
    local name=$1 figure=$2 target=$3
    shift 3
    if "$@"; then
        echo "ok   $name: $figure (target: $target)"
    else
        echo "FAIL $name: $figure (target: $target)"
        failed=1
    fi
}

finish() {
    scancel --user=root 2> /dev/null
    sleep 3
    kill "${daemons[@]}" 2> /dev/null
    wait
    rm -rf "$work"
}
trap finish EXIT

# ---- Slurm ----

start_slurm() {
    mkdir -p "$work"/munge "$work"/state "$work"/node1 "$work"/node2
    chmod 700 "$work/munge"
    dd if=/dev/urandom of="$work/key" bs=1024 count=1 2> /dev/null
    chmod 600 "$work/key"
    munged --foreground --force --key-file="$work/key" --socket="$work/socket" --pid-file="$work/munge/pid" --log-file="$work/munge/log" \
        --seed-file="$work/munge/seed" > "$work/munged.out" 2>&1 &
    daemons+=($!)
    cat > "$SLURM_CONF" << END
ClusterName=test
SlurmctldHost=$(hostname)(127.0.0.1)
SlurmctldPort=26817
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$work/socket
CredType=cred/munge
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/%n
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/%n.pid
SlurmctldLogFile=$work/slurmctld.log
SlurmdLogFile=$work/%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=sched_interval=5,bf_interval=5
SlurmdParameters=config_overrides
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
ReturnToService=2
NodeName=node1 NodeHostname=$(hostname) NodeAddr=127.0.0.1 Port=26818 CPUs=4
NodeName=node2 NodeHostname=$(hostname) NodeAddr=127.0.0.1 Port=26819 CPUs=4
PartitionName=low Nodes=node[1-2] Default=YES PriorityTier=1 GraceTime=20
PartitionName=high Nodes=node[1-2] PriorityTier=10 PreemptMode=OFF
END
    sleep 1
    slurmctld -D > "$work/slurmctld.out" 2>&1 &
    daemons+=($!)
    for node in node1 node2; do
        slurmd -D -N $node > "$work/$node.out" 2>&1 &
        daemons+=($!)
    done
    for _ in $(seq 30); do
        [ "$(sinfo -h -t idle -p low -o %D 2> /dev/null)" = 2 ] && return
        sleep 1
    done
    echo "Slurm does not start:"
    tail -n 5 "$work"/*.log "$work"/*.out
    exit 3
}

# ---- a run ----

committed() { # RUN: the games that it has committed
    sqlite3 "file:$1/run.db?mode=ro" 'SELECT games FROM totals' 2> /dev/null || echo 0
}

wait_for() { # SECONDS COMMAND...: until it succeeds
    local until=$((SECONDS + $1))
    shift
    while [ $SECONDS -lt $until ]; do
        "$@" > /dev/null 2>&1 && return 0
        sleep 1
    done
    return 1
}

starts() { # OUT: how often the run has been started
    grep -c '^Run ' "$1"
}

has_started() { # OUT TIMES
    [ "$(starts "$1")" -ge "$2" ]
}

has_games() { # RUN MORE-THAN
    [ "$(committed "$1")" -gt "$2" ]
}

game=(--game go:5 --net "conv:16 res:16" --visits 8 --seed 1 --set first_rows=200 --set batch=32 --set generation_steps=20 --report 1)

check_whole() { # NAME RUN LEAST
    local rows total whole
    IFS='|' read -r rows total < <(sqlite3 "$2/run.db" 'SELECT count(*), (SELECT games FROM totals) FROM games') # the run may go on
    whole=$(sqlite3 "$2/run.db" 'PRAGMA integrity_check')
    report "$1: committed games lost, or counted twice" "$rows rows, total $total, $3 seen before" "rows as the total, no fewer than before, intact" \
        test "$rows" = "$total" -a "$rows" -ge "$3" -a "$whole" = ok
}

train() { # PLUGIN NODES
    local run=$work/run-$1 out=$work/$1.out before job
    job=$(MPI_PLUGIN=$1 sbatch --parsable --nodes="$2" --ntasks-per-node=$((4 / $2)) --cpus-per-task=1 --time=3 -o "$out" "$root/docs/cluster/train.sbatch" \
        "$run" "${game[@]}" --trainers 2) || exit 3
    wait_for 60 has_games "$run" 0
    report "$1: ranks, on $2 node(s)" "$(grep -o 'on [0-9]* ranks' "$out" | head -n 1)" "on 4 ranks" grep -q 'on 4 ranks' "$out"
    wait_for 120 grep -q requeued "$out"
    before=$(committed "$run")
    wait_for 240 has_started "$out" 2
    wait_for 60 has_games "$run" "$before"
    report "$1: requeued before its time was over, and resumed" "$(starts "$out") starts, $(committed "$run") games after $before" "2 starts, more games" \
        test "$(starts "$out")" -ge 2 -a "$(committed "$run")" -gt "$before"
    check_whole "$1" "$run" "$before"
    before=$(committed "$run")
    sbatch -p high --nodes=2 --exclusive -o /dev/null --wrap 'sleep 5' > /dev/null
    local began=$SECONDS
    wait_for 60 sh -c "squeue -h -j $job -t PD -o %i | grep -q ."
    report "$1: preempted: seconds until its nodes were free" $((SECONDS - began)) "at most 25" test $((SECONDS - began)) -le 25
    wait_for 240 has_started "$out" 3
    wait_for 60 has_games "$run" "$before"
    report "$1: preempted, and resumed" "$(starts "$out") starts, $(committed "$run") games after $before" "3 starts, more games" \
        test "$(starts "$out")" -ge 3 -a "$(committed "$run")" -gt "$before"
    scancel "$job"
    wait_for 60 sh -c "! squeue -h -j $job -o %i | grep -q ."
    check_whole "$1" "$run" "$before"
}

array() {
    local job before=() runs=("$work/seeds/seed1" "$work/seeds/seed2")
    job=$(sbatch --parsable --array=1-2 --cpus-per-task=1 --time=3 -o "$work/array%a.out" "$root/docs/cluster/array.sbatch" "$work/seeds" "${game[@]}") || exit 3
    for i in 1 2; do
        wait_for 150 sh -c "[ \"\$(scontrol show job ${job}_$i -o | grep -o 'Restarts=[0-9]*')\" = Restarts=1 ]"
        before[i]=$(committed "${runs[i - 1]}")
    done
    for i in 1 2; do
        wait_for 240 has_started "$work/array$i.out" 2
        wait_for 60 has_games "${runs[i - 1]}" "${before[i]}"
        report "array: task $i requeued, and resumed" "$(starts "$work/array$i.out") starts, $(committed "${runs[i - 1]}") games after ${before[i]}" \
            "2 starts, more games" test "$(starts "$work/array$i.out")" -ge 2 -a "$(committed "${runs[i - 1]}")" -gt "${before[i]}"
    done
    scancel "$job"
    wait_for 60 sh -c "! squeue -h -j $job -o %i | grep -q ."
    for i in 1 2; do
        check_whole "array: task $i" "${runs[i - 1]}" "${before[i]}"
    done
}

start_slurm
for check in "${@:-pmi2 pmix array}"; do
    for one in $check; do
        case $one in
            pmi2) train pmi2 2 ;;
            pmix) train pmix 1 ;;
            array) array ;;
            *) echo "unknown check $one" && exit 2 ;;
        esac
    done
done
[ $failed = 0 ] && echo "all targets met"
exit $failed
