"""Training, reports, matches and engines as programs: what they write, say and exit with."""
import csv
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from case import HERE, INPUTS, case, equal, gone, need

GOMOKU5 = ("--game", "gomoku:5,line=4", "--net", "1x8", "--visits", "8", "--threads", "1")


# ---- training ----

@case("programs/01-report-verdict")
def report_of_a_collapse(work):
    work.run("train", "./r", *GOMOKU5, "--set", "first_rows=200", "--seed", "1", "--minutes", "0.4")
    database = sqlite3.connect(work.path("r", "run.db"))
    columns = [row[1] for row in database.execute("pragma table_info(metrics)")]
    last = dict(zip(columns, database.execute("select * from metrics order by id desc limit 1").fetchone()))
    policy, value = database.execute("select policy_loss,value_loss from metrics order by id limit 1").fetchone()
    for i in range(1, 13):  # the losses return to where they began
        row = dict(last, id=last["id"] + i, seconds=last["seconds"] + 60 * i, generation=last["generation"] + i,
                   policy_loss=policy - 0.05, value_loss=value - 0.01)
        database.execute(f"insert into metrics ({','.join(row)}) values ({','.join('?' * len(row))})", list(row.values()))
    database.commit()
    text = work.run("report", "./r").stdout
    need("Verdict: collapsed" in text or "Verdict: stalled" in text, f"the report of a collapse: {text}")


@case("programs/01b-dead-net")
def report_of_a_dead_net(work):
    for _ in range(3):
        work.run("train", "./r", *GOMOKU5, "--set", "first_rows=200", "--set", "rate=10", "--set", "warmup=1", "--seed", "3",
                 "--minutes", "0.4")
    text = work.run("report", "./r").stdout
    need("Verdict: broken" in text, f"the report of a dead net: {text}")


@case("programs/05-checkpoint")
def damaged_newest_checkpoint(work):
    work.run("train", "./r", *GOMOKU5, "--set", "first_rows=200", "--set", "generation_seconds=1", "--seed", "1", "--minutes",
             "0.5")
    states = sorted(n for n in os.listdir(work.path("r", "nets")) if n.startswith("state-"))
    need(len(states) >= 2, f"checkpoints: {states}")
    with open(work.path("r", "nets", states[-1]), "r+b") as file:
        file.seek(3000)
        file.write(os.urandom(2000))
    done = work.run("train", "./r", "--minutes", "0.1")
    equal("exit status", done.returncode, 0)
    need(states[-1] in done.stderr, f"the damaged checkpoint is not named: {done.stderr}")


@case("programs/16-low-memory")
def little_address_space(work):
    done = subprocess.run(["prlimit", "--as=250000000", work.tengen, "train", "./lm", "--game", "go:19", "--net", "10x128",
                           "--minutes", "0.2"], cwd=work.folder, capture_output=True, encoding="utf-8", timeout=120)
    equal("exit status", done.returncode, 3)
    need(done.stderr.startswith("tengen") and "ERROR **" not in done.stderr, f"message: {done.stderr}")


@case("programs/17-db-damage")
def damaged_database(work):
    work.run("train", "./r", *GOMOKU5, "--set", "first_rows=200", "--seed", "1", "--minutes", "0.7")
    path = work.path("r", "run.db")
    pages = os.path.getsize(path) // 4096
    with open(path, "r+b") as file:
        file.seek(4096 * (pages // 2))
        file.write(os.urandom(4096 * min(20, pages // 4)))
    for command in (("train", "./r", "--minutes", "0.1"), ("report", "./r")):
        done = work.run(*command)
        need(done.returncode == 2 and "run.db" in done.stderr and "damaged" in done.stderr,
             f"{command[0]}: exit {done.returncode}, {done.stderr}")


@case("programs/18-stray-file")
def stray_file(work):
    equal("tests/house/root.sh", subprocess.run(["sh", os.path.join(HERE, "../../house/root.sh")]).returncode, 0)


@case("programs/19-sighup")
def closed_terminal(work):
    training = work.start("train", "./r", *GOMOKU5, "--seed", "1", "--minutes", "2", stdout=subprocess.PIPE)
    time.sleep(8)
    training.send_signal(signal.SIGHUP)
    text = training.communicate(timeout=60)[0]
    equal("exit status", training.returncode, 0)
    need("Stopped" in text, f"its last words: {text[-300:]}")


@case("programs/21-report-json-columns")
def everything_in_report_json(work):
    work.train("./r", minutes=0.15)
    database = sqlite3.connect(work.path("r", "run.db"))
    columns = {row[1] for row in database.execute("pragma table_info(metrics)")} - {"id"}
    text = work.run("report", "./r", "--json").stdout
    rows = [json.loads(line) for line in text.splitlines()]
    flat = set()
    for row in rows:
        flat |= set(row) | {key for value in row.values() if isinstance(value, dict) for key in value}
        for value in row.values():
            if isinstance(value, list) and value and isinstance(value[0], dict):
                flat |= set(value[0])
    equal("columns of run.db that report --json leaves out", columns - flat, set())


# ---- matches ----

@case("programs/02-gomoku-time")
def gomoku_clock(work):
    done = work.run("match", "--game", "gomoku:20", "--agent", "a=net:default", "--agent", "b=net:default", "--time", "20s",
                    "--games", "4", "--threads", "1", "--seed", "1", "--out", "./t", seconds=400)
    equal("exit status", done.returncode, 0)
    with open(work.path("t", "games.csv"), encoding="utf-8") as file:
        games = list(csv.DictReader(file))
    share = sum(float(g["seconds"]) for g in games) / (40 * len(games))
    print(f"    {100 * share:.1f} % of the clock used, at least 30 asked")
    need(share >= 0.3, f"{100 * share:.1f} % of the clock used")


@case("programs/02-gomoku-little-time")
def little_time_left(work):
    from case import Engine
    engine = Engine(work)
    equal("START", engine.ask("START 15"), "OK")
    engine.send("INFO timeout_turn 0", "INFO timeout_match 180000", "INFO time_left 3000")
    engine.ask("BEGIN")
    engine.send("INFO time_left 3000")
    began = time.monotonic()
    engine.ask("TURN 3,3")
    milliseconds = 1000 * (time.monotonic() - began)
    engine.close()
    need(15 <= milliseconds <= 1500, f"a move with 3 s left took {milliseconds:.0f} ms")


@case("programs/03-increment")
def increment_is_sent(work):
    log = work.path("log")
    work.run("match", "--game", "gomoku:15", "--agent", f"A=gomocup:python3 {HERE}/brain.py log {log}", "--agent", "random",
             "--time", "10s+0.1s", "--games", "2", "--threads", "1", "--seed", "1")
    with open(log, encoding="utf-8") as file:
        sent = file.read()
    need("INFO time_increment 100" in sent, f"sent: {sent[:400]}")


@case("programs/04-orphan")
def manager_dies(work):
    sessions = {"gomocup": "START 15\nINFO timeout_turn 60000\nINFO timeout_match 0\nBEGIN\n",
                "gtp": "boardsize 9\nclear_board\ntime_settings 0 60 1\ngenmove b\n"}
    code = ("import subprocess,sys,time\n"
            "p=subprocess.Popen(sys.argv[1:3],stdin=subprocess.PIPE,stdout=subprocess.PIPE)\n"
            "p.stdin.write(sys.argv[3].encode()); p.stdin.flush(); print(p.pid,flush=True); time.sleep(100)\n")
    for command, text in sessions.items():
        manager = subprocess.Popen([sys.executable, "-c", code, work.tengen, command, text], stdout=subprocess.PIPE)
        engine = int(manager.stdout.readline())
        time.sleep(1.5)
        manager.kill()
        manager.wait()
        if not gone(engine, 3):
            os.kill(engine, signal.SIGKILL)
            need(False, f"tengen {command} computes 3 s after its manager was killed")


def openings(work, name, game):
    return work.run("match", "--check", "--game", game, "--agent", "a=random", "--agent", "b=random", "--openings",
                    os.path.join(INPUTS, name), "--games", "4")


@case("programs/06-openings-bom")
def openings_of_notepad(work):
    done = openings(work, "06-openings-bom.txt", "gomoku:15")
    equal("exit status (" + done.stderr.strip() + ")", done.returncode, 0)


@case("programs/07-openings-gomocup-offset")
def openings_as_offsets(work):
    done = openings(work, "07-openings-gomocup-offset.txt", "gomoku:20")
    equal("exit status (" + done.stderr.strip() + ")", done.returncode, 0)


@case("programs/08-openings-pos")
def openings_in_pos_notation(work):
    done = openings(work, "08-openings-pos.txt", "gomoku:15")
    equal("exit status (" + done.stderr.strip() + ")", done.returncode, 0)


@case("programs/09-openings-decided")
def opening_already_won(work):
    done = openings(work, "09-openings-decided.txt", "gomoku:15")
    equal("exit status", done.returncode, 2)
    need("line 1" in done.stderr or ":1:" in done.stderr, f"line 1 is not named: {done.stderr}")


def small_match(work, *more):
    return work.run("match", "--game", "gomoku:5", "--agent", "a=random", "--agent", "b=random", "--seed", "1", "--out", "./t",
                    *more)


@case("programs/10-report-json")
def report_is_json(work):
    small_match(work, "--games", "2")
    with open(work.path("t", "report.json"), encoding="utf-8") as file:
        json.load(file)
    with open(work.path("t", "report.jsonl"), encoding="utf-8") as file:
        need(len([json.loads(line) for line in file]) > 1, "report.jsonl holds one line")


@case("programs/13-error-with-number")
def errors_that_end_with_a_number(work):
    for fault, words in (("errsize", "unsupported size"), ("errmove", "illegal move 3")):
        began = time.monotonic()
        done = work.run("match", "--game", "gomoku:9", "--agent", f"A=gomocup:python3 {HERE}/brain.py {fault}", "--agent",
                        "random", "--games", "2", "--move-time", "200", "--out", "./" + fault)
        seconds = time.monotonic() - began
        said = done.stdout + done.stderr
        if os.path.exists(work.path(fault, "games.csv")):
            with open(work.path(fault, "games.csv"), encoding="utf-8") as file:
                said += file.read()
        need(seconds < 5 and words in said, f"{fault}: {seconds:.1f} s; {said[-500:]}")


@case("programs/15-extend")
def longer_tournament(work):
    small_match(work, "--games", "10")
    done = small_match(work, "--games", "20")
    equal("exit status (" + done.stderr.strip() + ")", done.returncode, 0)
    equal("games", len(os.listdir(work.path("t", "games"))), 20)


@case("programs/20-sprt-games")
def sprt_without_games(work):
    done = work.run("match", "--game", "gomoku:9", "--agent", "a=rollout:60", "--agent", "b=rollout:50", "--seed", "1",
                    "--sprt", "elo0=0,elo1=20", "--out", "./t", seconds=900)
    need("accepted" in done.stdout and done.returncode == 0, f"undecided: {done.stdout[-400:]}")
