#!/usr/bin/env python3
"""The scores of finished games, against GNU Go's own scoring regression.

  gnugo_scores.py REGRESSION [PROGRAM] [--verbose]

REGRESSION is the folder regression/ of GNU Go's source, from anywhere outside this tree; PROGRAM is the release build by
default. Of score.tst and score2.tst every position with an active expectation is loaded and scored by Japanese rules, which
GNU Go counts by. Prints the positions that differ, then how many agree. Exit status: 0 at least 52 of 57, 1 fewer, 2 usage,
3 cannot run.
"""
import argparse
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TARGET, POSITIONS = 52, 57


def expectations(folder):
    """[(name of the position, file, move number or None, expected score)]"""
    found = []
    for script in ("score.tst", "score2.tst"):
        file = until = number = None
        with open(os.path.join(folder, script), encoding="utf-8") as lines:
            for line in lines:
                words = line.split()
                if words[:1] == ["loadsgf"]:
                    file, until = words[1], words[2] if len(words) > 2 else None
                elif words[1:] == ["final_score"] and words[0].isdigit():
                    number = words[0]
                elif (match := re.match(r"#\? \[([BW])\\\+([0-9.]+)\]", line)) and number:
                    found.append((f"{script}:{number}", file, until, f"{match[1]}+{match[2]}"))
                    number = None
    return found


def scores(program, folder, cases):
    """The answers to final_score, in order."""
    commands = []
    for _, file, until, _ in cases:
        commands += [f"loadsgf {os.path.join(folder, file)} {until or ''}".strip(), "kata-set-rules japanese", "final_score"]
    run = subprocess.run([program, "gtp", "--agent", "random"], input="\n".join(commands + ["quit", ""]), text=True,
                         stdout=subprocess.PIPE, check=False)
    answers = run.stdout.split("\n\n")
    return [answers[3 * i + 2].strip() for i in range(len(cases))]


def main():
    parser = argparse.ArgumentParser(description="Scores against GNU Go's scoring regression.")
    parser.add_argument("regression", help="the folder regression/ of GNU Go's source")
    parser.add_argument("program", nargs="?", default=os.path.join(HERE, "../../../build/release/tengen"))
    parser.add_argument("--verbose", action="store_true", help="also print the positions that agree")
    options = parser.parse_args()
    if not os.access(options.program, os.X_OK):
        print(f"{options.program} cannot be executed; build the release preset, or name a program", file=sys.stderr)
        return 3
    try:
        cases = expectations(options.regression)
    except OSError as error:
        print(f"{error}; name the folder regression/ of GNU Go's source", file=sys.stderr)
        return 3
    if len(cases) != POSITIONS:
        print(f"{len(cases)} positions in score.tst and score2.tst, not {POSITIONS}: another version of GNU Go than 3.8",
              file=sys.stderr)
        return 3
    right = 0
    for (name, _, _, wanted), answer in zip(cases, scores(options.program, options.regression, cases)):
        agrees = answer == f"= {wanted}"
        right += agrees
        if not agrees or options.verbose:
            print(f"{'agrees' if agrees else 'DIFFERS'}  {name}: {answer}, GNU Go's answer is {wanted}")
    print(f"{right} of {len(cases)} positions scored as in GNU Go's regression (target: {TARGET})")
    return 0 if right >= TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
