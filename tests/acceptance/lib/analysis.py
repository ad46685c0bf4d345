"""KataGo's analysis protocol (`tengen analysis`, `katago analysis`), and a journal of what was measured."""
import json
import os
import subprocess
import tempfile
import threading


class Analysis:
    """A running analysis engine. Raises RuntimeError when it refuses a query or ends. All figures are from black's view."""

    def __init__(self, command):
        self.name = os.path.basename(command[0])
        self.errors = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, text=True)

    def write(self, queries):
        try:
            for query in queries:
                self.process.stdin.write(json.dumps(query) + "\n")
            self.process.stdin.flush()
        except OSError:
            pass  # the reader reports how the program ended

    def ended(self):
        self.process.wait(timeout=30)
        self.errors.seek(0)
        lines = [line for line in self.errors.read().splitlines() if line.strip()]
        return RuntimeError(f"{self.name} ended with {self.process.returncode}: {' / '.join(lines[-3:])}")

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            raise self.ended()
        answer = json.loads(line)
        if "error" in answer:
            raise RuntimeError(f"{self.name}: {answer['error']} ({answer.get('field', 'no field')})")
        return answer

    def ask(self, queries):
        """{(id, turn): answer}. Each query has an id of its own, and the fields of the protocol but for the perspective."""
        for query in queries:
            query["overrideSettings"] = {"reportAnalysisWinratesAs": "BLACK"}
        missing = sum(len(query.get("analyzeTurns", [0])) for query in queries)
        writer = threading.Thread(target=self.write, args=(queries,), daemon=True)  # neither pipe can fill up
        writer.start()
        answers = {}
        while missing:
            answer = self.read()
            if "rootInfo" in answer:
                answers[answer["id"], answer["turnNumber"]] = answer
                missing -= 1
        writer.join()
        return answers

    def clear_cache(self):
        """So that the next queries are answered by other symmetries of the net."""
        self.write([{"id": "clear", "action": "clear_cache"}])
        while self.read().get("action") != "clear_cache":
            pass

    def move_and_pass(self, query, moves, ply, looks):
        """What move `ply` of the game leads by, and a pass instead of it: the means over so many looks with an empty cache, for the
        side that moves. query: its other fields."""
        side, leads = 1 if ply % 2 == 0 else -1, [0, 0]
        for _ in range(looks):
            self.clear_cache()
            for i, move in enumerate((moves[ply], "pass")):
                played = [["BW"[turn % 2], m] for turn, m in enumerate(moves[:ply] + [move])]
                answers = self.ask([{**query, "id": "look", "moves": played, "analyzeTurns": [ply + 1]}])
                leads[i] += side * answers["look", ply + 1]["rootInfo"]["scoreLead"] / looks
        return leads

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=60)


class Journal:
    """Results by key, a JSON line each, in a file that a later run continues. Without a path nothing is kept.

    The first line holds the settings, and a file with others is refused by a ValueError. A line that a kill cut off is dropped.
    """

    def __init__(self, path, settings):
        self.results, self.file = {}, None
        if not path:
            return
        lines = []
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                lines = [line for line in file.read().splitlines(keepends=True) if line.endswith("\n")]
        if lines:
            kept = json.loads(lines[0])
            differing = sorted(name for name in {*kept, *settings} if kept.get(name) != settings.get(name))
            if differing:
                raise ValueError(f"{path} was made with other settings ("
                                 + ", ".join(f"{name}: {kept.get(name)}, now {settings.get(name)}" for name in differing)
                                 + "); name another folder")
        else:
            lines = [json.dumps(settings) + "\n"]
        for line in lines[1:]:
            key, result = json.loads(line)
            self.results[key] = result
        temporary = path + ".new"
        with open(temporary, "w", encoding="utf-8") as file:
            file.writelines(lines)
        os.replace(temporary, path)
        self.file = open(path, "a", encoding="utf-8")

    def get(self, key):
        return self.results.get(key)

    def add(self, key, result):
        self.results[key] = result
        if self.file:
            self.file.write(json.dumps([key, result]) + "\n")
            self.file.flush()
