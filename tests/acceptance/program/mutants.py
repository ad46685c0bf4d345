#!/usr/bin/env python3
"""Plants small faults in games, mcts, net, self-play, learner and match, and counts how many the tests detect.

Of 100 mutants, drawn uniformly from all places where lib/mutation.py can plant one, at least 90 % of those that are not
shown equivalent must be killed by the tests of their own folder, in the release configuration without sanitizers. A
mutant that does not compile is replaced by another. One whose object code equals the original's is equivalent; others
may be shown to be equivalent in mutants_equivalent.txt. A failed test is run a second time, so that load on the machine
kills no mutant; a run beyond its time limit counts as killed.

  mutants.py [--count N] [--seed S] [--jobs J] [--minutes M] [--folder NAME]... [--work DIR] [--list] [--report]

Every verdict goes into DIR/journal.jsonl (build/mutants by default), and the same command resumes; the seed is drawn
when the journal is created. A journal is valid for one state of sources and tests: when they change, start another.
Exit status: 0 target met, 1 missed, 2 usage, 3 cannot run or not finished.
"""
import argparse
import concurrent.futures
import fcntl
import glob
import hashlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time

here = os.path.dirname(os.path.abspath(__file__))
root = os.path.abspath(os.path.join(here, "../../.."))
sys.path.insert(0, os.path.join(here, "../lib"))
import mutation  # noqa: E402

TARGET = 0.9
FOLDERS = {"games": ["games/**/*.[ch]"], "mcts": ["mcts/**/*.[ch]"], "net": ["net/**/*.[ch]"],
           "self-play": ["engine/selfplay/**/*.[ch]"],
           "learner": ["engine/training/**/learner*.[ch]", "engine/training/**/*window*.[ch]"],
           "match": ["engine/match/**/*.[ch]"]}
# Verdicts. Identical: compiled to the same code; stillborn: did not compile.
KILLED, SURVIVED, IDENTICAL, STILLBORN = "killed", "survived", "identical", "stillborn"
LIMITS = ["prlimit", f"--as={8 << 30}", f"--fsize={1 << 30}", "--core=0"]


def fail(message):
    print(f"mutants: {message}", file=sys.stderr)
    sys.exit(3)


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


# ---- what to mutate ----

def sources(folders):
    """{path: folder}, in a fixed order."""
    found = {}
    for folder in folders:
        paths = [p for g in FOLDERS[folder] for p in glob.glob(g, root_dir=root, recursive=True)]
        if not paths:
            fail(f"no source matches {' '.join(FOLDERS[folder])}: has {folder} moved?")
        found.update({path: folder for path in sorted(paths)})
    return found


def draw(files, seed):
    """All places in random order, for each one of its mutants."""
    texts = {path: read(os.path.join(root, path)) for path in files}
    typedefs = set().union(*(mutation.typedef_names(text) for text in texts.values()))
    places = [place for path, text in texts.items() for place in mutation.Source(path, text, typedefs).find()]
    rng = random.Random(seed)
    rng.shuffle(places)
    return [rng.choice(place) for place in places], texts


def tracked_files():
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=root,
                            capture_output=True, check=False)
    if listed.returncode:
        fail("the tree is copied by git's list of files, and git does not know it")
    paths = os.fsdecode(listed.stdout).split("\0")
    return [p for p in paths if p and os.path.isfile(os.path.join(root, p))]


def fingerprint(paths):
    """Of everything that decides a verdict: all but the acceptance commands, documents and tools."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        if re.match(r"(games|net|mcts|agents|engine|tests/(?!acceptance|house|fuzz))", path) and path != "tests/run.sh":
            with open(os.path.join(root, path), "rb") as file:
                digest.update(path.encode() + b"\0" + hashlib.sha256(file.read()).digest())
    return digest.hexdigest()


# ---- the tests of a folder ----

def suites_for(path):
    """Criterion's suites that stand beside a source: those in a file of its name first, then its folder's."""
    folder, stem = os.path.dirname(path), os.path.splitext(os.path.basename(path))[0]
    tests = []
    while folder and not tests:
        tests = sorted(glob.glob(f"tests/{folder}/test_*.c", root_dir=root))
        folder = os.path.dirname(folder)
    named, others = [], []
    for test in tests:
        text = read(os.path.join(root, test))
        suites = re.findall(r"^(?:TestSuite|Test|ParameterizedTest\([^,]*,\s*)\(?(\w+)", text, re.M)
        (named if stem in os.path.basename(test) else others).extend(suites)
    return list(dict.fromkeys(named)), [s for s in dict.fromkeys(others) if s not in named]


class Tree:
    """A copy of the sources with its own build, in which one mutant at a time is planted and judged."""

    def __init__(self, work, number, paths):
        self.top = os.path.join(work, f"tree-{number}")
        self.build_dir = os.path.join(self.top, "build")
        self.scratch = os.path.join(self.top, "scratch")
        self.mark = f"TENGEN_MUTANT={self.top}"
        self.baseline, self.seconds = {}, {}
        self.kill_marked()  # of a command that was killed itself
        self.copy(paths)
        environment = {k: v for k, v in os.environ.items() if k not in ("CFLAGS", "LDFLAGS")}
        if shutil.which("ccache"):  # the original's objects come back at once
            environment.update(CMAKE_C_COMPILER_LAUNCHER="ccache", CCACHE_BASEDIR=self.top, CCACHE_NOHASHDIR="1")
        self.environment = environment
        self.configure()

    def copy(self, paths):
        kept = {os.path.join(self.top, path) for path in paths}
        for folder, inner, names in os.walk(self.top):
            if folder == self.top:
                inner[:] = [name for name in inner if name not in ("build", "scratch")]
            for name in names:
                if os.path.join(folder, name) not in kept:  # of an older state of the tree
                    os.remove(os.path.join(folder, name))
        for path in paths:
            to = os.path.join(self.top, path)
            os.makedirs(os.path.dirname(to), exist_ok=True)
            if not os.path.exists(to) or read_bytes(to) != read_bytes(os.path.join(root, path)):
                shutil.copyfile(os.path.join(root, path), to)
                shutil.copymode(os.path.join(root, path), to)

    def configure(self):
        # -O3 -DNDEBUG as the release has it, but without debug information, which knows columns.
        command = ["cmake", "-S", self.top, "-B", self.build_dir, "-G", "Ninja", "-DTENGEN_WERROR=OFF",
                   "-DCMAKE_BUILD_TYPE=Release"]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)
        if done.returncode:
            fail(f"cmake: {done.stderr[-1000:]}")

    def build(self, targets):
        done = subprocess.run(["nice", "cmake", "--build", self.build_dir, "--target", *targets], env=self.environment,
                              capture_output=True, text=True, check=False)
        return done.returncode == 0, done.stdout

    def objects(self, room):
        found = {}
        for path in glob.glob(f"{self.build_dir}/CMakeFiles/tengen_{room}.dir/**/*.o", recursive=True):
            found[path] = hashlib.sha256(read_bytes(path)).digest()
        return found

    def programs(self, room):
        threads = sorted(glob.glob(f"tests/{room}/**/thread_*.c", root_dir=root, recursive=True))
        doubles = [f"test_{room}_f64"] if os.path.isdir(os.path.join(root, f"tests/{room}/f64")) else []
        return [f"test_{room}"] + doubles + [f"{room}_{os.path.splitext(os.path.basename(t))[0]}" for t in threads]

    def run(self, program, limit, *arguments):
        """(exit status, None when it ran beyond its limit, and what it said)."""
        shutil.rmtree(self.scratch, ignore_errors=True)
        os.makedirs(self.scratch)
        mark, value = self.mark.split("=", 1)
        environment = dict(self.environment, OMP_NUM_THREADS="1", **{mark: value})
        environment.update({k: self.scratch for k in ("TMPDIR", "HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME")})
        command = ["nice", *LIMITS, os.path.join(self.build_dir, "tests", program), *arguments]
        said = os.path.join(self.top, "said.txt")  # a pipe would stay open as long as anything that was left behind
        with open(said, "wb") as out, subprocess.Popen(command, cwd=self.scratch, env=environment, stdout=out,
                                                       stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT,
                                                       start_new_session=True) as process:
            try:
                status = process.wait(limit)
            except subprocess.TimeoutExpired:
                status = None
            self.kill_marked()
        return status, read_bytes(said)[-1 << 20:].decode(errors="replace")

    def kill_marked(self):
        """What a run left behind, whatever process group it fled to: all that carry this tree's mark."""
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/environ", "rb") as file:
                    if self.mark.encode() in file.read().split(b"\0"):
                        os.kill(int(pid), signal.SIGKILL)
            except OSError:
                pass

    # ---- verdicts ----

    def prepare(self, room):
        """Builds and times what judges a folder, which must pass without a mutant."""
        good, said = self.build([f"tengen_{room}", *self.programs(room)])
        if not good:
            fail(f"the tree does not build:\n{said[-2000:]}")
        self.baseline[room] = self.objects(room)
        for program in self.programs(room):
            verbose = ["-j1", "--verbose"] if program.startswith("test_") else []
            for _ in range(2):  # a machine under load may fail a test that holds a clock
                begun = time.monotonic()
                status, said = self.run(program, 1800, *verbose)
                if status == 0:
                    break
            else:
                fail(f"{program} fails without a mutant (exit status {status}):\n{said[-2000:]}")
            self.seconds[program] = time.monotonic() - begun
            for suite, seconds in re.findall(r"\[PASS\] (\w+)::\w+: \(([\d.]+)s\)", said):
                self.seconds[suite] = self.seconds.get(suite, 0) + float(seconds)

    def stages(self, path, room):
        """What is run in turn until something fails: (program, arguments, time limit in seconds)."""
        for suites in suites_for(path):
            if suites:
                usual = sum(self.seconds.get(suite, 0) for suite in suites)
                yield f"test_{room}", ["-j1", "--fail-fast", "--filter", f"@({'|'.join(suites)})/*"], 20 + 10 * usual
        for program in self.programs(room):
            arguments = ["-j1", "--fail-fast"] if program.startswith("test_") else []
            yield program, arguments, 60 + 6 * self.seconds[program]

    def killer(self, path, room):
        """What kills the mutant that is built, or None."""
        for program, arguments, limit in self.stages(path, room):
            for _ in range(3):  # a test that fails and then passes has said nothing, and hid those behind it
                status, said = self.run(program, limit, *arguments)
                if status == 0:
                    break
                if status is None:
                    return f"{program}: time limit of {limit:.0f} s"
                failed = re.search(r"\[(?:FAIL|CRASH|ERR\s*)\] (\w+)::(\w+)", said)
                again = ["-j1", "--filter", f"{failed[1]}/{failed[2]}"] if failed else arguments
                if self.run(program, limit, *again)[0] != 0:
                    return f"{failed[1]}/{failed[2]}" if failed else program
        return None

    def judge(self, mutant, source):
        room = mutant.path.split("/")[0]
        if room not in self.baseline:
            self.prepare(room)
        path = os.path.join(self.top, mutant.path)
        try:
            write(path, mutant.apply(source))
            if not self.build([f"tengen_{room}"])[0]:
                return STILLBORN, None
            if self.objects(room) == self.baseline[room]:
                return IDENTICAL, None
            if not self.build(self.programs(room))[0]:
                return STILLBORN, None
            by = self.killer(mutant.path, room)
            return (KILLED, by) if by else (SURVIVED, None)
        finally:
            write(path, source)


def read_bytes(path):
    with open(path, "rb") as file:
        return file.read()


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


# ---- the journal ----

class Journal:
    def __init__(self, path, begin):
        """begin: what a new journal says of itself; an old one must agree, but for the seed when none was asked for."""
        self.verdicts, self.head = {}, begin
        text = read(path) if os.path.exists(path) else ""
        lines = [json.loads(line) for line in text.splitlines() if line.endswith("}")]  # not what a kill cut short
        if lines:
            self.head = lines[0]
            for key in begin:
                if begin[key] is not None and begin[key] != self.head[key]:
                    fail(f"{path} was begun with another {key}; give another --work, or remove it")
            self.verdicts = {line["mutant"]: line for line in lines[1:]}
        elif begin["seed"] is None:
            self.head = dict(begin, seed=int.from_bytes(os.urandom(4), "big"))
        self.file = open(path, "a", encoding="utf-8")
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            fail(f"another command is at work on {path}")
        if text and not text.endswith("\n"):
            self.file.write("\n")
        if not lines:
            self.append(self.head)

    def append(self, line):
        self.file.write(json.dumps(line) + "\n")
        self.file.flush()
        os.fsync(self.file.fileno())

    def add(self, line):
        self.verdicts[line["mutant"]] = line
        self.append(line)


def name_of(mutant):
    return f"{mutant.path}:{mutant.line}:{mutant.start}:{mutant.text}"


def is_mutant(verdict):
    return verdict["verdict"] != STILLBORN


def judge_one(trees, mutant, source):
    tree = trees.pop()
    begun = time.monotonic()
    try:
        verdict, by = tree.judge(mutant, source)
    finally:
        trees.append(tree)
    before, after = mutant.lines(source)
    return {"mutant": name_of(mutant), "file": mutant.path, "line": mutant.line, "operator": mutant.operator,
            "before": before, "after": after, "verdict": verdict, "by": by,
            "seconds": round(time.monotonic() - begun, 1)}


def judge_all(journal, mutants, texts, trees, count, deadline):
    """Judges in the order drawn until `count` of them are mutants; with several trees, the same ones."""
    known = [journal.verdicts.get(name_of(mutant)) for mutant in mutants]
    good = sum(1 for verdict in known if verdict and is_mutant(verdict))
    waiting = iter([mutant for mutant, verdict in zip(mutants, known) if not verdict])
    with concurrent.futures.ThreadPoolExecutor(len(trees)) as pool:
        running = set()
        while True:
            while len(running) < len(trees) and good + len(running) < count and time.monotonic() < deadline:
                mutant = next(waiting, None)
                if not mutant:
                    break
                running.add(pool.submit(judge_one, trees, mutant, texts[mutant.path]))
            if not running:
                return good
            done, running = concurrent.futures.wait(running, return_when=concurrent.futures.FIRST_COMPLETED)
            for future in done:
                line = future.result()
                journal.add(line)
                good += is_mutant(line)
                print(f"{good:4d}/{count} {line['verdict']:9s} {line['seconds']:6.1f} s  {line['file']}:{line['line']} "
                      f"{line['operator']}{': ' + line['by'] if line['by'] else ''}", flush=True)


# ---- the report ----

def read_notes(path):
    """{(file, before, after): (mark, reason)}: "=" is shown equivalent, "~" survives for a known reason."""
    notes, block = {}, {}
    for number, line in enumerate(read(path).splitlines() + [""], 1):
        if line.startswith("#"):
            continue
        if line.strip():
            mark, text = (line[0], line[2:].strip()) if line[0] in "-+=~" and line[1:2] == " " else ("file", line)
            block[mark] = block[mark] + " " + text if mark in block else text
        elif block:
            kind = next((k for k in "=~" if k in block), None)
            if set(block) != {"file", "-", "+", kind}:
                fail(f"{path}:{number}: a block is FILE, \"- BEFORE\", \"+ AFTER\", and \"= REASON\" or \"~ REASON\"")
            notes[block["file"].strip(), block["-"], block["+"]] = (kind, block[kind])
            block = {}
    return notes


def print_report(journal, files, notes, count):
    rows = {folder: dict.fromkeys((KILLED, SURVIVED, IDENTICAL, "shown", STILLBORN), 0) for folder in FOLDERS}
    survivors = []
    for line in journal.verdicts.values():
        verdict = line["verdict"]
        if verdict == SURVIVED:
            kind, reason = notes.get((line["file"], line["before"], line["after"]), (None, None))
            verdict = "shown" if kind == "=" else SURVIVED
            survivors.append((line, kind, reason))
        rows[files[line["file"]]][verdict] += 1
    print(f"\nseed {journal.head['seed']}\n{'folder':10s} {'mutants':>8s} {'killed':>7s} {'survived':>9s} "
          f"{'same code':>10s} {'shown equivalent':>17s} {'did not compile':>16s}")
    total = {key: sum(row[key] for row in rows.values()) for key in rows["games"]}
    for folder, row in [*rows.items(), ("all", total)]:
        mutants = sum(row.values()) - row[STILLBORN]
        print(f"{folder:10s} {mutants:8d} {row[KILLED]:7d} {row[SURVIVED]:9d} {row[IDENTICAL]:10d} {row['shown']:17d} "
              f"{row[STILLBORN]:16d}")
    for title, kinds in (("survivors", (None, "~")), ("shown equivalent", ("=",))):
        chosen = [s for s in survivors if s[1] in kinds]
        print(f"\n{title}: {len(chosen)}")
        for line, _, reason in chosen:
            print(f"  {line['file']}:{line['line']} {line['operator']}\n  - {line['before']}\n  + {line['after']}\n"
                  f"  {reason or 'no reason given yet'}\n")
    return score(total, count)


def score(total, count):
    judged = total[KILLED] + total[SURVIVED]
    mutants = judged + total[IDENTICAL] + total["shown"]
    share = total[KILLED] / judged if judged else 0
    print(f"killed: {total[KILLED]} of {judged} that are not shown equivalent, {100 * share:.1f} % (target "
          f"{100 * TARGET:.0f} %)")
    if mutants < count:
        print(f"{mutants} of {count} mutants are judged: run the command again to go on")
        return 3
    return 0 if share >= TARGET else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=100, help="mutants to judge (100)")
    parser.add_argument("--seed", type=int, help="of the draw; drawn itself when a journal is begun without one")
    parser.add_argument("--jobs", type=int, default=1, help="trees that are built and tested at the same time (1)")
    parser.add_argument("--minutes", type=float, default=1e9, help="begin no mutant after so long")
    parser.add_argument("--folder", action="append", choices=list(FOLDERS), help="only these; repeat it for several")
    parser.add_argument("--work", default=os.path.join(root, "build/mutants"), help="journal and trees")
    parser.add_argument("--list", action="store_true", help="count the places in each file, and do nothing else")
    parser.add_argument("--report", action="store_true", help="of what the journal holds, and do nothing else")
    options = parser.parse_args()
    deadline = time.monotonic() + 60 * options.minutes
    folders = options.folder or list(FOLDERS)
    files, paths = sources(folders), tracked_files()
    if options.list:
        return list_places(files)
    os.makedirs(options.work, exist_ok=True)
    journal = Journal(os.path.join(options.work, "journal.jsonl"),
                      {"seed": options.seed, "folders": folders, "tree": fingerprint(paths)})
    if not options.report:
        mutants, texts = draw(files, journal.head["seed"])
        trees = [Tree(options.work, i, paths) for i in range(options.jobs)]
        judge_all(journal, mutants, texts, trees, options.count, deadline)
    return print_report(journal, files, read_notes(os.path.join(here, "mutants_equivalent.txt")), options.count)


def list_places(files):
    total = 0
    for path in files:
        places = draw([path], 0)[0]
        total += len(places)
        print(f"{len(places):6d} {path}")
    print(f"{total:6d} in all")
    return 0


if __name__ == "__main__":
    sys.exit(main())
