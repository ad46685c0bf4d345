"""Sessions of real clients: GTP, KataGo's analysis queries, and Gomocup."""
import json
import re
import time
from case import Engine, case, equal, input_lines, need


def session(work, name, *arguments):
    """The answers to a recorded GTP session."""
    return work.gtp(input_lines(name + ".gtp"), *arguments)


# ---- scoring and passing ----

SEKI = {  # name: (seki, score by area, score by territory)
    "seki_eye_against_eye": ("B9 A8 B8 C8 D9 D8 E8 F8 F9", "B+26.0", "B+24.0"),
    "seki_two_shared_liberties": ("C9 C8 C7 E9 E8 E7 D7", "W+23.0", "W+23.0"),
}


def check_seki(work, name):
    group, area, territory = SEKI[name]
    answers = session(work, name)
    asked = [i for i, line in enumerate(input_lines(name + ".gtp")) if line == "final_status_list seki"]
    for i, (at, score) in enumerate(zip(asked, (area, area, territory, territory))):
        where = f"position {i + 1}"
        equal(f"{where}: seki", set(answers[at][1].split()), set(group.split()))
        equal(f"{where}: dead", answers[at + 1][1].split(), [])
        equal(f"{where}: score", float(answers[at + 2][1][2:]), float(score[2:]))
        equal(f"{where}: winner", answers[at + 2][1][0], score[0])


for _name in SEKI:
    case("go/" + _name)(lambda work, name=_name: check_seki(work, name))


@case("go/japanese_fills_own_territory")
def passes_in_a_finished_game(work):
    commands = input_lines("japanese_fills_own_territory.gtp")
    answers = session(work, "japanese_fills_own_territory")
    scores = [answers[i][1] for i, c in enumerate(commands) if c == "final_score"]
    moves = [answers[i][1] for i, c in enumerate(commands) if c == "genmove b"]
    equal("scores before and after", scores, ["B+2.5", "B+2.5"])
    need("pass" in [m.lower() for m in moves], f"never passed: {moves}")


@case("go/black_moves_as_handicap", "decided: as KataGo does by default, black moves in a row at the start are handicap")
def black_moves_as_handicap(work):
    answers = session(work, "black_moves_as_handicap")
    equal("final_score", answers[-2][1], "B+78.5")


# ---- names of rules, clocks ----

@case("go/kata_set_rules_names")
def gtp_rule_names(work):
    commands = input_lines("kata_set_rules_names.gtp")
    refused = [c for c, (good, _) in zip(commands, session(work, "kata_set_rules_names")) if not good]
    equal("refused", refused, [])


@case("go/rules_names")
def query_rule_names(work):
    queries = input_lines("rules_names.json")
    answers = {a.get("id"): a for a in work.query(queries)}
    for query in queries:
        name = json.loads(query)["id"]
        need("moveInfos" in answers.get(name, {}), f"rules {name}: {answers.get(name)}")


def seconds_of_move(work, name):
    began = time.monotonic()
    work.gtp(["boardsize 9", "reg_genmove b", "quit"])  # what starting costs
    start = time.monotonic() - began
    began = time.monotonic()
    session(work, name)
    return time.monotonic() - began - start


@case("go/kgs_byoyomi_periods")
def byoyomi_periods(work):
    seconds = seconds_of_move(work, "kgs_byoyomi_periods")
    need(1.5 <= seconds < 6, f"a move with 10 periods of 6 s took {seconds:.2f} s; about 3 is right")


@case("go/kgs_canadian_reserve", "decided: 38 s of main time and 2 s a stone afterwards are worth a few seconds, not half of it")
def canadian_reserve(work):
    seconds = seconds_of_move(work, "kgs_canadian_reserve")
    need(0.5 <= seconds <= 6, f"the first move took {seconds:.2f} s of 40")


# ---- analysis ----

@case("go/allowmoves_both_players")
def allow_moves_for_each_player(work):
    answers = work.query(input_lines("allowmoves_both_players.json"))
    equal("moves", [m["move"] for m in answers[0].get("moveInfos", [])] or answers[0], ["A1"])


@case("go/analyzeturns_empty", "decided: an error that names the query's id, as a client waits for some answer")
def no_turns_to_analyse(work):
    answers = work.query(input_lines("analyzeturns_empty.json"))
    need(len(answers) == 1 and answers[0].get("id") == "e", f"answers: {answers}")


@case("go/multi_stone_suicide")
def suicide_in_a_record(work):
    answers = work.query(input_lines("multi_stone_suicide.json"))
    need(len(answers) == 1 and "moveInfos" in answers[0], f"answers: {answers}")


# ---- Gomocup ----

def begun(work):
    engine = Engine(work)
    equal("START", engine.ask("START 15"), "OK")
    engine.send("INFO timeout_turn 150", "INFO timeout_match 0")
    return engine


@case("programs/11-yxboard-turn")
def turn_after_yxboard(work):
    engine = Engine(work)
    lines = input_lines("11-yxboard-turn.txt")
    equal("START", engine.ask(lines[0]), "OK")
    equal("answer to four in a row", engine.ask(*lines[1:-1]), "4,0")
    engine.close()


@case("programs/12-takeback-order")
def takeback_in_any_order(work):
    for order in ("engine first", "opponent first", "two pairs, opponent first"):
        engine = begun(work)
        own = [engine.ask("BEGIN")]
        own += [engine.ask("TURN " + move) for move in ("14,0", "14,1", "14,2")]
        back = {"engine first": [own[3], "14,2"], "opponent first": ["14,2", own[3]],
                "two pairs, opponent first": ["14,2", own[3], "14,1", own[2]]}[order]
        for move in back:
            equal(f"{order}: TAKEBACK {move}", engine.ask("TAKEBACK " + move), "OK")
        answers = [engine.ask("TURN " + move) for move in (["14,1"] if len(back) == 4 else []) + ["14,2", "14,3"]]
        need("14,4" in answers or won(own, answers), f"{order}: four in a row at 14,0 to 14,3 is answered by {answers}")
        engine.close()


def won(before, after):
    """Whether the engine's own moves hold five in a row, which needs no answer to a four."""
    points = {tuple(map(int, m.split(","))) for m in before + after if m}
    return any(all((x + i * dx, y + i * dy) in points for i in range(5))
               for x, y in points for dx, dy in ((1, 0), (0, 1), (1, 1), (1, -1)))


@case("programs/14-yixin")
def yixin_dialect(work):
    engine = Engine(work)
    equal("START 15 15", engine.ask("START 15 15"), "OK")
    equal("START 15", engine.ask("START 15"), "OK")
    engine.send("INFO timeout_turn 200")
    answer = engine.ask("BOARD", "7,7,1", "7,7,2", "DONE")
    need(answer.startswith("ERROR"), f"a BOARD with a point twice: {answer}")
    engine.send("yxswap2step1")
    moves = [engine.line() for _ in range(3)]
    for i, move in enumerate(moves):  # as Yixin's own board reads them
        need(re.fullmatch(rf"MESSAGE SWAP2 MOVE{i + 1} \d+ \d+", move or ""), f"yxswap2step1: {moves}")
    engine.close()
