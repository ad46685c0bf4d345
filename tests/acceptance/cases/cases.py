#!/usr/bin/env python3
"""Situations from the field that once failed, each with its right answer.

  cases.py [PROGRAM] [--only GLOB]... [--list]

PROGRAM is the release build by default. A case is one member of a kind whose test stands in tests/; here it runs through
the program as a user would meet it. Prints a line for each case, then how many pass. Exit status: 0 all pass, 1 some do
not, 2 usage, 3 cannot run. Takes about ten minutes.
"""
import argparse
import fnmatch
import os
import sys
import time

import case
import records  # noqa: F401 (the imports register the cases)
import protocols  # noqa: F401
import programs  # noqa: F401
import faults  # noqa: F401


def run(name, tengen):
    """None, or what is wrong."""
    work = case.Work(tengen)
    try:
        case.CASES[name][0](work)
    except case.Wrong as wrong:
        return str(wrong)
    except Exception as error:  # an answer of another form than any that was thought of
        return f"{type(error).__name__}: {error}"
    finally:
        work.remove()
    return None


def main():
    default = os.path.join(case.HERE, "../../../build/release/tengen")
    parser = argparse.ArgumentParser(description="Situations from the field that once failed.")
    parser.add_argument("program", nargs="?", default=default)
    parser.add_argument("--only", action="append", metavar="GLOB", help="cases whose name matches, for instance 'go/seki*'")
    parser.add_argument("--list", action="store_true", help="print the names and what was decided")
    options = parser.parse_args()
    names = [n for n in case.CASES if not options.only or any(fnmatch.fnmatch(n, glob) for glob in options.only)]
    if not names:
        parser.error("no case matches")
    if options.list:
        print("\n".join(f"{n}: {case.CASES[n][1]}" if case.CASES[n][1] else n for n in names))
        return 0
    tengen = os.path.abspath(options.program)
    if not os.access(tengen, os.X_OK):
        case.fail(f"{tengen} cannot be executed; build the release preset, or name a program")
    passed = 0
    for name in names:
        began = time.monotonic()
        wrong = run(name, tengen)
        passed += wrong is None
        print(f"{'pass' if wrong is None else 'FAIL'}  {name} ({time.monotonic() - began:.1f} s)"
              + ("" if wrong is None else "\n      " + wrong.strip().replace("\n", "\n      ")[:600]), flush=True)
    print(f"{passed} of {len(names)} pass (target: all)")
    return 0 if passed == len(names) else 1


sys.exit(main())
