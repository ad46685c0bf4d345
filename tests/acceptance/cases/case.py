"""What the cases of the field share: a registry, a GTP session, Gomocup and analysis clients, and a work folder for each case."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import queue
import time

HERE = os.path.dirname(os.path.abspath(__file__))
INPUTS = os.path.join(HERE, "inputs")
CASES = {}  # name: (function, note), in the order of definition


class Wrong(Exception):
    """The program's behaviour differs from what the case asks for."""


def case(name, note=""):
    """Registers a function of the work folder (`Work`). `note` says what was decided where the right answer is debatable."""
    def register(function):
        assert name not in CASES, name
        CASES[name] = (function, note)
        return function
    return register


def need(condition, message):
    if not condition:
        raise Wrong(message)


def equal(what, found, expected):
    need(found == expected, f"{what}: expected {expected!r}, got {found!r}")


class Work:
    """A case's own folder, removed afterwards, and the program under test."""

    def __init__(self, tengen):
        self.tengen = tengen
        self.folder = tempfile.mkdtemp(prefix="tengen-case-")
        self.environment = dict(os.environ, HOME=self.folder, XDG_STATE_HOME=self.path("state"), LC_ALL="C.UTF-8",
                                XDG_CONFIG_HOME=self.path("config"), XDG_DATA_HOME=self.path("data"))

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, *arguments, text=None, seconds=120, environment=None, **options):
        """The finished process; its stdout and stderr are text. `stdout` and `stderr` can be redirected by options."""
        options.setdefault("stdout", subprocess.PIPE)
        options.setdefault("stderr", subprocess.PIPE)
        if text is None:
            options.setdefault("stdin", subprocess.DEVNULL)
        else:
            options["input"] = text
        try:
            return subprocess.run([self.tengen, *arguments], cwd=self.folder, timeout=seconds, encoding="utf-8",
                                  errors="replace", env=dict(self.environment, **(environment or {})), **options)
        except subprocess.TimeoutExpired:
            raise Wrong(f"tengen {arguments[0]} still runs after {seconds} s") from None

    def start(self, *arguments, environment=None, **options):
        return subprocess.Popen([self.tengen, *arguments], cwd=self.folder, encoding="utf-8", errors="replace",
                                env=dict(self.environment, **(environment or {})), **options)

    def train(self, run, *more, minutes=0.1, **options):
        """A run of a few seconds on the smallest board, with several generations."""
        return self.run("train", run, "--game", "gomoku:3,line=3", "--net", "1x8", "--minutes", str(minutes), "--threads",
                        "1", "--seed", "1", "--set", "generation_seconds=0.5", "--set", "generation_steps=10", "--set",
                        "first_rows=50", *more, **options)

    def gtp(self, commands, *arguments, seconds=120):
        """The answers to GTP commands: (succeeded, text) for each."""
        done = self.run("gtp", *arguments, text="\n".join(commands) + "\n", seconds=seconds)
        answers = [(a[0] == "=", a[1:].strip(" ")) for a in re.findall(r"[=?].*?(?=\n\n)", done.stdout, re.S)]
        need(len(answers) == len(commands), f"{len(answers)} answers to {len(commands)} commands; stderr: {done.stderr}")
        return answers

    def query(self, queries, seconds=120):
        """The analysis engine's answers, one object per line."""
        done = self.run("analysis", text="\n".join(queries) + "\n", seconds=seconds)
        return [json.loads(line) for line in done.stdout.splitlines() if line.strip()]


def read_input(name):
    with open(os.path.join(INPUTS, name), encoding="utf-8") as file:
        return file.read()


def input_lines(name):
    return [line for line in read_input(name).splitlines() if line.strip()]


class Engine:
    """A Gomocup engine that is spoken to line by line."""

    def __init__(self, work, *arguments):
        self.process = work.start("gomocup", *arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL)
        self.lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\r\n"))
        self.lines.put(None)

    def send(self, *lines):
        self.process.stdin.write("".join(line + "\n" for line in lines))
        self.process.stdin.flush()

    def line(self, seconds=10):
        """The next line, None at the end of the output."""
        try:
            return self.lines.get(timeout=max(seconds, 0.001))
        except queue.Empty:
            raise Wrong("no answer in time") from None

    def answer(self, seconds=10):
        """The next line that is neither MESSAGE nor DEBUG, None at the end of the output."""
        end = time.monotonic() + seconds
        while True:
            line = self.line(end - time.monotonic())
            if line is None or not line.startswith(("MESSAGE", "DEBUG")):
                return line

    def ask(self, *lines, seconds=10):
        self.send(*lines)
        return self.answer(seconds)

    def close(self):
        self.process.kill()
        self.process.wait()


def gone(pid, seconds):
    """Whether a process ends within so many seconds."""
    end = time.monotonic() + seconds
    while os.path.exists(f"/proc/{pid}"):
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def fail(message):
    print(f"cases: {message}", file=sys.stderr)
    sys.exit(3)
