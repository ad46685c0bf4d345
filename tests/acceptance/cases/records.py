"""Records of real collections and servers, and damaged ones: what a trusted viewer reads from each."""
import os
import re
import subprocess
from case import INPUTS, Work, case, equal, need


def stones(board):
    """({black points}, {white points}) of showboard's answer."""
    found = {"X": set(), "O": set()}
    for row, line in re.findall(r"^ *(\d+)([ .+XO()]+)\d+$", board, re.M):
        cells = re.findall(r"[.+XO]", line)
        for x, cell in enumerate(cells):
            if cell in found:
                found[cell].add("ABCDEFGHJKLMNOPQRST"[x] + row)
    return found["X"], found["O"]


def properties(work: Work, path, *copy):
    """The first root's properties: {name: text}. No command prints a record's players, so a program of the tests does."""
    program = os.path.join(os.path.dirname(work.tengen), "tests", "acceptance_sgf_show")
    need(os.access(program, os.X_OK), f"{program} is missing; configure with -DTENGEN_TESTS=ON and build")
    done = subprocess.run([program, path, *copy], capture_output=True, encoding="utf-8", timeout=60)
    need(done.returncode == 0, done.stderr)
    return dict(line.split(" ", 2)[1:] for line in done.stdout.splitlines() if line.startswith("root "))


def load(work: Work, name):
    """(black, white, rules, komi) once GTP has loaded a record."""
    path = os.path.join(INPUTS, name + ".sgf")
    answers = work.gtp(["clear_board", f"loadsgf {path}", "showboard", "kata-get-rules", "get_komi", "quit"])
    need(answers[1][0], f"loadsgf refuses it: {answers[1][1]}")
    black, white = stones(answers[2][1])
    return black, white, answers[3][1], answers[4][1]


FOUR = ("E5 G3", "C7 C3")
BOARDS = {  # name: (black, white, black's name where the case is about it)
    "blank_in_point": ("E5 G3", "C7", None),
    "bom_utf8_ca_gb2312": (*FOUR, "围棋对局"),
    "ca_euc_kr_underscore": (*FOUR, "바둑"),
    "ca_iso8859_underscore": (*FOUR, "Müller"),
    "ca_ks_c_5601": (*FOUR, "바둑"),
    "ca_says_gb_is_utf8": (*FOUR, "对局者甲"),
    "ca_says_sjis_is_utf8": (*FOUR, "囲碁の対局"),
    "ca_says_utf8_is_gbk": (*FOUR, "围棋对局"),
    "ca_unknown_pure_ascii": (*FOUR, "abc"),
    "double_open_paren": ("E5", "", None),
    "extra_last_paren": (*FOUR, None),
    "gb_without_ca_saved": (*FOUR, "围棋对局"),
    "ko_retaken_KO": ("B9 A8 B7", "C9 B8 D8 C7", None),
    "missing_last_paren": (*FOUR, None),
    "missing_last_parens_in_variation": ("E5 G3", "C7", None),
    "move_on_stone": ("E5 C7", "G3", None),
    "multi_stone_suicide_chinese": ("C9 B8 A8 E5", "", None),
    "name_cut_in_character": (*FOUR, "围棋对\N{REPLACEMENT CHARACTER}"),
    "nngs_dashes": (*FOUR, None),
    "nul_at_end": (*FOUR, "a"),
    "setup_without_liberty": ("B9 A8 E5", None, None),
    "sjis_without_ca": (*FOUR, None),
    "two_B_one_node": ("E5 C7", "G3", None),
    "two_moves_one_node_BW": ("E5 G3", "C7 C3", None),
    "two_moves_one_node_WB": ("C7 C3", "E5 G3", None),
}
NOTES = {
    "gb_without_ca_saved": "decided: the character set is told by the bytes, and the file is saved as UTF-8 and says so",
    "sjis_without_ca": "decided: the bytes read as a double-byte character set, so the backslash in one escapes nothing",
    "setup_without_liberty": "either reading is accepted: the stone stays as it is set up, or is removed with a warning",
}


def check_board(work, name):
    black, white, name_of_black = BOARDS[name]
    path, copy = os.path.join(INPUTS, name + ".sgf"), work.path("copy.sgf")
    found_black, found_white, *_ = load(work, name)
    equal("black stones", found_black, set(black.split()))
    if white is None:
        need(found_white in ({"A9"}, set()), f"white stones: {found_white}")
    else:
        equal("white stones", found_white, set(white.split()))
    if name_of_black:
        equal("black's name", properties(work, path, copy).get("PB"), name_of_black)
        again = properties(work, copy)
        equal("black's name in the saved record", again.get("PB"), name_of_black)
        need(name != "gb_without_ca_saved" or again.get("CA") == "UTF-8", f"the saved file says CA[{again.get('CA')}]")


for _name in BOARDS:
    case("go/" + _name, NOTES.get(_name, ""))(lambda work, name=_name: check_board(work, name))


@case("go/nihonkiin_no_first_semicolon")
def no_first_semicolon(work):
    black, white, *_ = load(work, "nihonkiin_no_first_semicolon")
    equal("black stones", black, {"E15", "G13"})  # the board is 19x19, as no SZ says otherwise
    equal("white stones", white, {"C17", "C13"})


@case("go/km_with_unit")
def komi_with_unit(work):
    black, white, _, komi = load(work, "km_with_unit")
    equal("stones", (black, white), ({"E5"}, {"C7"}))
    equal("komi", float(komi), 6.5)


@case("go/ru_japanese_rules")
def japanese_rules(work):
    need('"scoring":"TERRITORY"' in load(work, "ru_japanese_rules")[2], "not counted by territory")


@case("go/ru_katago_string")
def katago_string(work):
    rules = load(work, "ru_katago_string")[2]
    for part in ('"ko":"SIMPLE"', '"scoring":"TERRITORY"', '"suicide":false'):
        need(part in rules, f"no {part} in {rules}")


@case("go/ru_nz_bonus")
def new_zealand_bonus(work):
    rules = load(work, "ru_nz_bonus")[2]
    set_by_name = work.gtp(["kata-set-rules new-zealand", "kata-get-rules", "quit"])[1][1]
    equal("the rules", rules, set_by_name)
    need('"whiteHandicapBonus":"0"' in rules, f"a handicap bonus in {rules}")
