"""Damaged files and failing system calls: what is refused says so, nothing crashes, nothing of another's is touched."""
import json
import os
import shutil
import signal
import sqlite3
import struct
import subprocess
import time
from case import INPUTS, case, equal, need

ON_DISPLAY = {"SDL_VIDEODRIVER": "dummy"}


def change(path, *statements):
    database = sqlite3.connect(path)
    for statement in statements:
        database.execute(statement)
    database.commit()
    database.close()


def refused(done, *words, status=2):
    """A message that holds the words, and the status; no crash and nothing of GLib's own."""
    need(done.returncode == status, f"exit {done.returncode}, not {status}: {done.stderr[-500:]}")
    for word in words:
        need(word in done.stderr, f"no \"{word}\" in {done.stderr[-500:]}")


@case("faults/1-journal-negative-number")
def negative_game_number(work):
    match = ("match", "--game", "go:5", "--agent", "a=random", "--agent", "b=random", "--games", "6", "--seed", "3",
             "--threads", "1", "--out", "./m")
    work.run(*match)
    change(work.path("m", "match.db"), "update games set number=-500000000 where number=0")
    refused(work.run(*match), "-500000000")


@case("faults/2-totals-null-ring")
def wrong_totals(work):
    work.train("./r")
    change(work.path("r", "run.db"), "update totals set rows=0")
    done = work.run("train", "./r", "--minutes", "0.05", "--threads", "1")
    if done.returncode:
        refused(done, "totals")


def live_training(work, seconds):
    return work.start("train", "./r", "--game", "go:7,komi=9", "--net", "2x16", "--minutes", str(seconds / 60), "--threads", "1",
                      stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


@case("faults/3-live-truncated-train")
def live_file_truncated_under_training(work):
    training = live_training(work, 15)
    time.sleep(6)
    os.truncate(work.path("r", "live"), 0)
    training.communicate(timeout=60)
    equal("exit status", training.returncode, 0)


@case("faults/4-live-truncated-watch")
def live_file_truncated_under_watching(work):
    training = live_training(work, 60)
    time.sleep(5)
    watching = work.start("watch", "./r", environment=ON_DISPLAY, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    time.sleep(4)
    training.send_signal(signal.SIGSTOP)
    os.truncate(work.path("r", "live"), 0)
    time.sleep(3)
    alive = watching.poll() is None
    watching.terminate()
    said = watching.communicate(timeout=30)[1]
    training.kill()
    training.wait()
    need(alive, f"watch ended: {watching.returncode}, {said}")


@case("faults/5-symlinked-nets")
def nets_of_another_run(work):
    work.train("./victim")
    shutil.copytree(work.path("victim"), work.path("hostile"))
    shutil.rmtree(work.path("hostile", "nets"))
    os.symlink("../victim/nets", work.path("hostile", "nets"))
    change(work.path("hostile", "run.db"),
           "delete from checkpoints where generation<(select max(generation) from checkpoints)")
    before = sorted(os.listdir(work.path("victim", "nets")))
    work.run("train", "./hostile", "--pack", "x.pack")
    work.run("train", "./hostile", "--minutes", "0.02")
    equal("the other run's nets", [n for n in before if n not in os.listdir(work.path("victim", "nets"))], [])


@case("faults/6-stdout-full")
def full_standard_output(work):
    work.train("./r")
    commands = ("report ./r", "report ./r --json", "match --print-file --game go:5 --agent random --agent random",
                "match --check --game go:5 --agent random --agent random", "doctor --json", "bench board --seconds 0.1",
                "--version", "--help", "train --help", "train ./r --minutes 0.02 --json", "bench --signature")
    for command in commands:
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = work.run(*command.split(), stdout=full)
        need(done.returncode == 3 and ("standard output" in done.stderr or "stdout" in done.stderr),
             f"{command}: exit {done.returncode}, {done.stderr}")


@case("faults/7-stdout-closed-lock")
def closed_standard_output(work):
    done = subprocess.run(["sh", "-c", 'exec "$0" train ./r --game gomoku:3,line=3 --net 1x8 --minutes 0.1 --threads 1 >&- 2>&-',
                           work.tengen], cwd=work.folder, timeout=60)
    need(done.returncode in (0, 3), f"exit {done.returncode}")
    equal("bytes in the lock file", os.path.getsize(work.path("r", "lock")), 0)


def packed(work):
    work.train("./r")
    equal("--pack", work.run("train", "./r", "--pack", "p.pack").returncode, 0)
    return work.path("p.pack")


@case("faults/8-pack-view")
def pack_with_a_view(work):
    change(packed(work), "create table g1 as select * from games", "drop table games",
           "create view games as with recursive n(i) as (select 1 union all select i+1 from n where i<20) select i as number,"
           "spec,generation,plies,rows,outcome,margin,opening,moves,added,zeroblob(50000000) as data from n,"
           "(select * from g1 limit 1)")
    refused(work.run("train", "./u", "--unpack", "p.pack", seconds=20))
    need(not os.path.exists(work.path("u")), "a part of the run was left behind")


@case("faults/9-pack-state-claim")
def pack_that_claims_sizes(work):
    pack = packed(work)
    shutil.copy(pack, work.path("q.pack"))
    change(pack, "update state set data=x'28b52ffda00000004001'||x'0000'")
    change(work.path("q.pack"), "update settings set value='40x1024' where name='net'")
    for name in ("p.pack", "q.pack"):
        process = work.start("train", "./u-" + name, "--unpack", name, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        said = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        equal(f"{name}: exit status ({said.strip()})", os.waitstatus_to_exitcode(status), 2)
        need(usage.ru_maxrss < 400_000, f"{name}: {usage.ru_maxrss // 1000} MB resident before it was refused")


@case("faults/10-escape-on-terminal")
def control_characters(work):
    work.train("./r")
    with open(work.path("r", "nets", "best.safetensors"), "rb") as file:
        whole = file.read()
    length = struct.unpack("<Q", whole[:8])[0]
    header = json.loads(whole[8:8 + length])
    header["__metadata__"]["game"] = "\x1b[2J\x1b]0;title\x07"
    text = json.dumps(header).encode()
    with open(work.path("x.safetensors"), "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + whole[8 + length:])
    change(work.path("r", "run.db"), "update settings set value='\x1b[2J' where name='net'")
    with open(work.path("t.yaml"), "w", encoding="utf-8") as file:
        file.write('"\\e[2Jgame": go:5\nagents: [random, random]\n')
    for command in (("gtp", "--game", "gomoku:3,line=3", "--agent", "net:x.safetensors"), ("report", "./r"),
                    ("train", "./r", "--minutes", "0.02"), ("match", "t.yaml")):
        done = work.run(*command, text="quit\n")
        need(not any(c < " " and c not in "\n\t\r" for c in done.stdout + done.stderr),
             f"{command[0]} prints control characters: {done.stderr!r}")


@case("faults/11-no-thread")
def threads_refused(work):
    shim = work.path("shim.so")
    subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-w", "-o", shim, "-x", "c", os.path.join(INPUTS, "shim.txt"), "-ldl"], check=True)
    for number, command in (
            (2, "train ./r --game gomoku:3,line=3 --net 1x8 --minutes 0.05 --threads 3"),
            (1, "match --game gomoku:3,line=3 --agent random --agent random --games 4 --threads 4 --out ./m")):
        done = work.run(*command.split(), environment={"LD_PRELOAD": shim, "FAULT": f"pthread:{number}"})
        if done.returncode:
            refused(done, "thread", status=3)


@case("faults/12-settings-refused")
def settings_of_the_window(work):
    os.makedirs(work.path("config", "tengen"))
    settings = work.path("config", "tengen", "settings.json")
    with open(settings, "w", encoding="utf-8") as file:
        file.write('{"game":"go:99","clock":"none"}')
    window = work.start("play", environment=ON_DISPLAY, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    time.sleep(4)
    alive = window.poll() is None
    window.terminate()
    said = window.communicate(timeout=30)[1]
    need(alive, f"play ended with {window.returncode}: {said}")
    need("settings.json" in said, f"the file is not named: {said}")
    kept = [n for n in os.listdir(os.path.dirname(settings)) if n != "settings.json"]
    need(kept, "no copy of the refused settings is kept")


@case("faults/13-rundb-nulls")
def nulls_in_the_database(work):
    work.train("./r")
    shutil.copytree(work.path("r"), work.path("r2"))
    change(work.path("r", "run.db"), "create table g2 as select * from games", "drop table games",
           "alter table g2 rename to games", "update games set spec=NULL")
    refused(work.run("train", "./r", "--minutes", "0.03", "--threads", "1"), "run.db")
    change(work.path("r2", "run.db"), "create table s2 as select * from settings", "drop table settings",
           "alter table s2 rename to settings", "insert into settings values(NULL,'x')")
    refused(work.run("report", "./r2"), "run.db")


@case("faults/14-fifo")
def named_pipes(work):
    work.train("./r")
    shutil.copytree(work.path("r"), work.path("r2"))
    os.remove(work.path("r", "live"))
    os.mkfifo(work.path("r", "live"))
    watching = work.start("watch", "./r", environment=ON_DISPLAY, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    time.sleep(4)
    with open(f"/proc/{watching.pid}/wchan", encoding="utf-8") as file:
        waits_for = file.read() if watching.poll() is None else ""
    watching.terminate()
    watching.communicate(timeout=10)
    need("fifo" not in waits_for and "pipe" not in waits_for, f"watch waits in {waits_for}")
    os.remove(work.path("r2", "run.db"))
    os.mkfifo(work.path("r2", "run.db"))
    refused(work.run("report", "./r2", seconds=6), "run.db")


@case("faults/15-pack-unreadable-games")
def games_that_cannot_be_read(work):
    change(packed(work), "update games set data=zeroblob(300)")
    refused(work.run("train", "./u", "--unpack", "p.pack"), "p.pack")
    need(not os.path.exists(work.path("u")), "a part of the run was left behind")
