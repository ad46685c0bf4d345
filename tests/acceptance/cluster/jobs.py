"""Jobs of several ranks, for the commands of this folder: their options and checks, what the ranks start with, their processes, and what the store has of their
games."""
import ctypes
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
TENGEN = os.environ.get("TENGEN", os.path.join(ROOT, "build", "release", "tengen"))
GAME = ["--game", "go:5", "--net", "conv:16 res:16", "--seed", "11", "--visits", "8", "--set", "first_rows=200",
        "--set", "batch=32", "--set", "generation_steps=20", "--set", "generation_seconds=0.5"]
RANKS = 4
LAUNCHERS = {  # on one machine
    "openmpi": ["mpirun.openmpi", "--oversubscribe", "--allow-run-as-root"],
    "mpich": ["mpirun.mpich"],
}
NICE = ["nice", "-n", "19"]
failures = []


def report(name, figure, target, good):
    print(f"{'ok  ' if good else 'FAIL'} {name}: {figure} (target: {target})", flush=True)
    if not good:
        failures.append(name)


def outcome():
    """Says how many reports failed; the exit status."""
    print(f"{len(failures)} failed" if failures else "all targets met")
    return 1 if failures else 0


def command(mpi, arguments, ranks=RANKS):
    return NICE + LAUNCHERS[mpi] + ["-n", str(ranks), TENGEN] + arguments


def run(line, seconds=300):
    return subprocess.run(line, capture_output=True, text=True, timeout=seconds)


def run_checks(checks, parser):
    """Runs checks, {name: function of an MPI, a folder and the options}, with each MPI that is installed, as the parser's options and --mpi, --seed and --only say.
    The exit status."""
    parser.add_argument("--mpi", choices=LAUNCHERS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=checks)
    options = parser.parse_args()
    found = [name for name in LAUNCHERS if shutil.which(f"mpirun.{name}") and options.mpi in (None, name)]
    if not found:
        print("neither Open MPI's nor MPICH's mpirun is installed")
        return 3
    for mpi in found:
        for name, check in checks.items():
            if options.only in (None, name):
                with tempfile.TemporaryDirectory() as folder:
                    check(mpi, folder, options)
    return outcome()


class Job:
    """A job whose ranks can be found; what rank 0 prints is kept, and how many games and steps it said were committed."""

    def __init__(self, line, folder, program=TENGEN):
        self.folder, self.program = folder, os.path.realpath(program)
        self.out = open(os.path.join(folder, "out"), "w+")
        self.err = open(os.path.join(folder, "err"), "w+")
        self.process = subprocess.Popen(line, stdout=self.out, stderr=self.err, start_new_session=True)

    def ranks(self):
        """{rank: pid} of those that run."""
        found = {}
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                if os.readlink(f"/proc/{pid}/exe") != self.program or os.getsid(int(pid)) != self.process.pid \
                        and self.folder not in open(f"/proc/{pid}/cmdline").read():
                    continue
                environment = open(f"/proc/{pid}/environ").read().split("\0")
            except OSError:
                continue
            for entry in environment:
                if re.match(r"(OMPI_COMM_WORLD_RANK|PMI_RANK)=", entry):
                    found[int(entry.split("=")[1])] = int(pid)
        return found

    def text(self):
        return open(os.path.join(self.folder, "out")).read() + open(os.path.join(self.folder, "err")).read()

    def committed(self):
        numbers = re.findall(r'"event":"committed","games":(\d+)', self.text())
        return int(numbers[-1]) if numbers else 0

    def wait_for(self, pattern, seconds):
        until = time.monotonic() + seconds
        while time.monotonic() < until and not re.search(pattern, self.text()):
            time.sleep(0.05)
        return re.search(pattern, self.text()) is not None

    def end(self, seconds):
        """Seconds until the launcher and all ranks have ended; None if they have not by then, and are killed."""
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            if self.process.poll() is not None and not self.ranks():
                return time.monotonic() - began
            time.sleep(0.05)
        for pid in list(self.ranks().values()) + [self.process.pid]:
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                pass
        self.process.wait()
        return None


def unpacked(data):
    """A game's bytes, without its number."""
    zstd = ctypes.CDLL("libzstd.so.1")
    for function in (zstd.ZSTD_getFrameContentSize, zstd.ZSTD_decompress):
        function.restype = ctypes.c_size_t
    room = zstd.ZSTD_getFrameContentSize(data, ctypes.c_size_t(len(data)))
    raw = ctypes.create_string_buffer(room)
    if zstd.ZSTD_decompress(raw, ctypes.c_size_t(room), data, ctypes.c_size_t(len(data))) != room:
        raise RuntimeError("a game cannot be unpacked")
    number = 2 + raw.raw[1] + 2 + 4  # after the version, the game with its length, plies and shares
    return raw.raw[:number] + raw.raw[number + 8:]


def games(folder):
    """(rows in the table, the total that the store keeps, games that are there under another number, too)."""
    database = sqlite3.connect(os.path.join(folder, "run", "run.db"))
    rows, = database.execute("SELECT count(*) FROM games").fetchone()
    total, = database.execute("SELECT games FROM totals").fetchone()
    # Chance brings about equal moves, but hardly equal searches.
    alike = database.execute("SELECT a.data, b.data FROM games a JOIN games b ON a.moves = b.moves AND a.number < b.number "
                             "AND a.generation = b.generation WHERE a.plies > 12").fetchall()
    whole, = database.execute("PRAGMA integrity_check").fetchone()
    database.close()
    return rows if whole == "ok" else -1, total, sum(unpacked(one) == unpacked(other) for one, other in alike)
