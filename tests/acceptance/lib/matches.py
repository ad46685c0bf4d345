"""Matches of `tengen match`, each with a folder that a later run continues; nets that stay the same meanwhile."""
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess


def play(program, folder, options, agents):
    """Plays what is missing in `folder`; progress goes to stderr. The report as `match` writes it."""
    command = [program, "match", "--out", folder, *options]
    for name, spec in agents:
        command += ["--agent", f"{name}={spec}"]
    run = subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
    if run.returncode:
        raise RuntimeError(f"exit status {run.returncode} of: {' '.join(command)}")
    return report(folder)


def report(folder):
    """None if there is none yet."""
    path = os.path.join(folder, "report.json")
    if not os.path.exists(path):
        return None
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def games(folder):
    """[(number, moves)] of a match, in order."""
    database = sqlite3.connect(f"file:{folder}/match.db?mode=ro", uri=True)
    return [(number, moves.split()) for number, moves in database.execute("SELECT number, moves FROM games ORDER BY number")]


def net_file(net):
    """The weights that NET means, a run's directory its best net at the moment; None: the program knows (default)."""
    for path in (os.path.join(net, "nets/best.safetensors"), net):
        if os.path.isfile(path):
            return path
    return None


def fingerprint(net):
    """What tells a net from others."""
    path = net_file(net)
    if not path:
        return net
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def keep_net(net, folder, name):
    """A copy of the net in `folder`, made the first time, since a run's best net changes while matches go on. What the program
    itself finds (default) is returned as it is. Raises ValueError if the folder holds the copy of another net."""
    path, copy = net_file(net), os.path.join(folder, name + ".safetensors")
    note = os.path.join(folder, name + ".txt")
    if os.path.exists(note):
        with open(note, encoding="utf-8") as file:
            kept = file.read()
        if kept != net:
            raise ValueError(f"{folder} has measured the net {kept}, not {net}; name another folder")
        return copy if path else net
    if path:
        shutil.copyfile(path, copy)
    with open(note, "w", encoding="utf-8") as file:
        file.write(net)
    return copy if path else net
