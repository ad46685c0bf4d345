#!/usr/bin/env python3
"""What a job of many ranks waits for, by a simulation with service times that are measured here, in jobs of two ranks: what rank 0's threads need for a game of
another rank, for a net, for a row of a batch, and what a game costs a player. Exits with 1 if a setting that docs/cluster.md recommends for 256 ranks of 16 cores
keeps less than 90 % of the cores busy.

Usage: simulate.py [--mpi openmpi|mpich] [--game SPEC] [--net SHAPE] [--seconds S] [--costs FILE] [--save FILE]
       --costs: of an earlier --save, in place of measuring.      TENGEN: the program (default: the release build)."""
import argparse
import heapq
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import sys
import tempfile
import time

from jobs import LAUNCHERS, TENGEN, Job, outcome, report

THREAD_GAIN = 0.85  # of each further thread of a step; measured with two: 0.8 to 0.95 (docs/speed.md)
VISITS = 16  # of the games that are timed; searches cost in proportion
THREADS = ("messages", "writer", "trainer")  # of rank 0, by their names

RECOMMENDED = {"visits": 600, "trainers": 16, "batch": 4096}  # by docs/cluster.md, for 256 ranks

# ---- measuring ----


def processor_times(pid):
    """{name of a thread: seconds}."""
    times = dict.fromkeys(THREADS, 0.0)
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/comm") as file:
            name = file.read().strip()
        if name in times:
            with open(f"/proc/{pid}/task/{thread}/schedstat") as file:
                times[name] += int(file.read().split()[0]) / 1e9
    return times


def last(pattern, text, default=0.0):
    found = re.findall(pattern, text)
    return float(found[-1]) if found else default


def observe(job, pid):
    text = job.text()
    counts = {"remote": last(r'"rank":1,"games":(\d+)', text), "games": job.committed(), "samples": last(r'"samples":(\d+)', text),
              "generation": last(r'"generation":(\d+)', text), "player": last(r'"processor_s":([\d.]+)', text)}
    return counts | processor_times(pid)


def phase(options, folder, name, net, more):
    """Differences of what is observed over some time in a job of two ranks."""
    run = f"{folder}/{name}"
    arguments = ["train", run, "--threads", "1", "--json", "--report", "1", "--game", options.game, "--net", net, "--seed", "3"] + more
    job = Job(["nice", "-n", "10"] + LAUNCHERS[options.mpi] + ["-n", "2", TENGEN] + arguments, folder)
    if not job.wait_for('"event":"ranks"', 60):
        raise RuntimeError(job.text())
    until = time.monotonic() + 120
    while (observe(job, job.ranks()[0])["remote"] < 5 or ("first_rows=300" in more and observe(job, job.ranks()[0])["samples"] == 0)) and time.monotonic() < until:
        time.sleep(1)
    pid = job.ranks()[0]
    before = observe(job, pid)
    time.sleep(options.seconds)
    after = observe(job, pid)
    traffic = last(r'"messages_per_s":([\d.]+)', job.text()), last(r'"bytes_per_s":([\d.]+)', job.text())
    os.kill(pid, signal.SIGTERM)
    job.end(60)
    database = sqlite3.connect(f"{run}/run.db")
    size, rows, plies = database.execute("SELECT avg(length(data)), avg(rows), avg(plies) FROM games").fetchone()
    database.close()
    nets = [os.path.getsize(f"{run}/nets/{file}") for file in os.listdir(f"{run}/nets") if file.endswith(".safetensors") and "state" not in file]
    difference = {key: after[key] - before[key] for key in after}
    print(f"  {name}: {difference['games']:.0f} games, {difference['remote']:.0f} of them of rank 1, {difference['samples']:.0f} samples, "
          f"{difference['generation']:.0f} nets", flush=True)
    return difference | {"bytes": size, "rows": rows, "plies": plies, "net_bytes": max(nets), "traffic": traffic}


def measure(options, folder):
    never = ["--set", "samples_per_row=0.1", "--set", "samples_floor=0.1", "--set", "first_rows=1000000"]
    # Many games, of a net that costs next to nothing; then the net itself, without training, with it, and with searches.
    quick = phase(options, folder, "messages", "conv:4", ["--visits", "2"] + never)
    plain = phase(options, folder, "games", options.net, ["--visits", "2"] + never)
    often = ["--visits", "2", "--set", "first_rows=300", "--set", "samples_per_row=50", "--set", "samples_floor=0.1", "--set", "batch=64"]
    trained = phase(options, folder, "training", options.net, often + ["--set", "generation_steps=100000"])
    sent = phase(options, folder, "nets", options.net, often + ["--set", "generation_steps=1", "--set", "generation_seconds=0.2"])
    played = phase(options, folder, "players", options.net, ["--visits", str(VISITS)] + never)
    message, window = quick["messages"] / quick["remote"], plain["trainer"] / plain["games"]
    idle = max(plain["messages"] - message * plain["remote"], 0)  # of the thread for messages, which looks for them
    nets = max(sent["generation"], 1)
    return {
        "game": options.game, "net": options.net, "mpi": options.mpi,
        "message_s": message,                           # rank 0's thread for messages, for a game of another rank
        "writer_s": quick["writer"] / quick["games"],
        "window_s": window,                             # the trainer's thread, for any game: judged, and added to the window
        "quick_window_s": quick["trainer"] / quick["games"],  # the same where games are so many that only a sample is judged
        "row_s": max(trained["trainer"] - window * trained["games"], 0) / max(trained["samples"], 1),
        "net_s": max(sent["messages"] - message * sent["remote"] - idle, 0) / nets,  # rank 0's thread for messages, for a net to a rank
        "game_s": played["player"] / played["remote"] * 64 / VISITS,  # of a player's core, with 64 visits
        "bytes": quick["bytes"], "rows": plain["rows"], "plies": plain["plies"], "net_bytes": plain["net_bytes"],
    }


# ---- the model ----

class Model:
    """One job: servers that do one thing after the other (rank 0's threads, its network), and players with one game in reserve for each thread."""

    def __init__(self, costs, ranks, cores, visits=64, share=1.0, batch=256, trainers=1, step_threads=1, gigabits=10, generation_s=60, latency_s=1e-4):
        self.__dict__.update(costs)
        self.ranks, self.cores, self.trainers = ranks, cores, min(trainers, ranks)
        self.step_threads = step_threads  # of each trainer
        self.game_s = costs["game_s"] * visits / 64
        self.rate = gigabits * 1e9 / 8
        self.generation_s, self.latency_s = generation_s, latency_s
        # A ring: each trainer sends and receives the gradients about twice.
        step = batch / self.trainers * self.row_s / (1 + THREAD_GAIN * (step_threads - 1)) + (2 * self.net_bytes / self.rate + 2 * self.trainers * latency_s if trainers > 1 else 0)
        self.training_s = self.rows * share / batch * step  # for a game
        # Judging takes a twentieth of the trainer's time at most.
        self.window_s = self.quick_window_s + min(max(self.window_s - self.quick_window_s, 0), 0.05 * self.training_s)

    def run(self, games_for_each=6, seed=1):
        """In a steady state: the share of the cores that is busy, games a second, and the shares of the time that rank 0's threads and network are."""
        generator = random.Random(seed)
        threads = self.ranks * self.cores - self.trainers * self.step_threads
        slowest = max(self.message_s, self.window_s + self.training_s, self.writer_s)
        seconds = games_for_each * max(self.game_s, threads * slowest)
        start = seconds / 2  # of what counts: until then queues fill up
        events = [(self.game_s * generator.random(), player) for player in range(threads)]  # ends of games
        heapq.heapify(events)
        free = dict.fromkeys(("messages", "network", "trainer"), 0.0)
        used = dict.fromkeys(("messages", "network", "trainer", "writer", "steps"), 0.0)
        reserve, busy, games, next_net = [0.0] * threads, 0.0, 0, generator.random() * self.generation_s

        def serve(server, arrival, cost):
            free[server] = max(free[server], arrival) + cost
            used[server] += cost if arrival >= start else 0
            return free[server]

        while events[0][0] < seconds:
            now, player = heapq.heappop(events)
            while now >= next_net:
                serve("messages", next_net, self.net_s * (self.ranks - 1))
                serve("network", next_net, self.net_bytes * (self.ranks - 1) / self.rate)
                next_net += self.generation_s
            done = serve("messages", now + self.latency_s + self.bytes / self.rate, self.message_s)
            trained = serve("trainer", done, self.window_s + self.training_s)
            if now >= start:
                games += 1
                used["writer"] += self.writer_s
                used["steps"] += self.training_s
            # The next assignment comes once the message is read and training is less than 20 games behind, after nets that are being sent.
            arrives = max(done, trained - 20 * (self.window_s + self.training_s), free["network"]) + self.latency_s
            begins = max(now, reserve[player])
            reserve[player] = arrives
            length = generator.gammavariate(8, self.game_s / 8)
            busy += max(0, min(begins + length, seconds) - max(begins, start))
            heapq.heappush(events, (begins + length, player))
        span = seconds - start
        busy += min(used["steps"], span) * self.trainers * self.step_threads
        return {"busy": busy / span / (self.ranks * self.cores), "games_per_s": games / span} | {name: value / span for name, value in used.items()}


def simulated(costs, ranks, cores, trainers=1, batch=256, **more):
    """With as few threads for a step as training needs to keep up, since those that wait for games take part in it. A thread has at least 16 rows of a step."""
    most = max(min(cores, 32, batch // min(trainers, ranks) // 16), 1)
    for threads in sorted({1, 2, 4, 8, 16, most}):
        if threads > most:
            break
        result = Model(costs, ranks, cores, trainers=trainers, batch=batch, step_threads=threads, **more).run() | {"threads": threads}
        if result["trainer"] < 0.98:
            break
    return result


def line(name, result):
    print(f"  {name:58s} {result['threads']:2d} threads a step: {100 * result['busy']:5.1f} % busy, {result['games_per_s']:7.0f} games/s; messages {100 * result['messages']:4.0f} %, writer "
          f"{100 * result['writer']:4.0f} %, trainer {100 * result['trainer']:4.0f} %, network {100 * result['network']:4.0f} %", flush=True)


def simulate(costs):
    print("Cores busy, and rank 0's threads and network, in per cent of the time. Each row is used once; 10 Gbit/s; a net a minute:")
    for ranks, cores in ((8, 8), (64, 1), (64, 16), (256, 16), (1024, 16)):
        for visits, trainers, batch in ((64, 1, 256), (64, min(max(2, ranks // 4), 16), 4096), (600, min(max(2, ranks // 4), 16), 4096)):
            line(f"{ranks} ranks of {cores}, {visits} visits, {trainers} trainers, batch {batch}",
                 simulated(costs, ranks, cores, visits=visits, trainers=trainers, batch=batch))
    for gigabits in (1, 10):
        line(f"256 ranks of 16, 600 visits, 16 trainers, batch 4096, {gigabits} Gbit/s",
             simulated(costs, 256, 16, visits=600, trainers=16, batch=4096, gigabits=gigabits))
    best = simulated(costs, 256, 16, **RECOMMENDED)
    report(f"256 ranks of 16 cores with {RECOMMENDED}: cores busy", f"{100 * best['busy']:.1f} %", "at least 90 %", best["busy"] >= 0.9)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mpi", choices=LAUNCHERS, default=next((name for name in ("mpich", "openmpi") if shutil.which(f"mpirun.{name}")), None))
    parser.add_argument("--game", default="go:9")
    parser.add_argument("--net", default="5x64")
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--costs")
    parser.add_argument("--save")
    options = parser.parse_args()
    if options.costs:
        with open(options.costs) as file:
            costs = json.load(file)
    elif not options.mpi:
        print("neither Open MPI's nor MPICH's mpirun is installed")
        return 3
    else:
        with tempfile.TemporaryDirectory() as folder:
            costs = measure(options, folder)
    print("Measured, in seconds of processor time: " + json.dumps({key: float(f"{value:.3g}") if isinstance(value, float) else value for key, value in costs.items()}))
    if options.save:
        with open(options.save, "w") as file:
            json.dump(costs, file)
    simulate(costs)
    return outcome()


if __name__ == "__main__":
    sys.exit(main())
