"""Programs that speak GTP: GNU Go, KataGo, Tengen."""
import os
import re
import shutil
import subprocess

GNUGO = shutil.which("gnugo", path=os.environ.get("PATH", "") + ":/usr/games")
COLOURS = ("black", "white")
LONGEST = 300  # plies of a game on 9x9


class Gtp:
    """A running program. Raises RuntimeError when it refuses a command or ends."""

    def __init__(self, command):
        self.name = os.path.basename(command[0])
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True)

    def ask(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        lines = []
        while (line := self.process.stdout.readline()).strip() or not lines:
            if not line:
                raise RuntimeError(f"{self.name} ended after \"{command}\"")
            if line.strip():
                lines.append(line.strip())
        if not lines[0].startswith("="):
            raise RuntimeError(f"{self.name}: {command}: {lines[0]}")
        return " ".join([lines[0][1:].strip()] + lines[1:])

    def set_up(self, size, rules, komi, moves):
        """The position after `moves`, black first. GNU Go has its rules from the command line."""
        for command in (f"boardsize {size}", "clear_board", f"kata-set-rules {rules}", f"komi {komi}"):
            if not (self.name.startswith("gnugo") and command.startswith("kata")):
                self.ask(command)
        for i, move in enumerate(moves):
            self.ask(f"play {COLOURS[i % 2]} {move}")

    def score(self):
        """Points by which black leads, komi included."""
        text = self.ask("final_score")
        match = re.match(r"([BW])\+([0-9.]+)", text)
        return 0.0 if not match else float(match[2]) * (1 if match[1] == "B" else -1)

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=30)


def gnugo(level, seed, rules, *options):
    return Gtp([GNUGO, "--mode", "gtp", "--level", str(level), "--seed", str(seed), f"--{rules}-rules", *options])


def play_on(engine, moves, longest=LONGEST):
    """The moves until two passes, all of them by the engine, whose position is that after `moves`."""
    game = list(moves)
    while len(game) < longest and game[-2:] != ["PASS", "PASS"]:
        game.append(engine.ask(f"genmove {COLOURS[len(game) % 2]}").upper())
    return game
