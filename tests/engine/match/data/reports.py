"""Writes the reports that test_report_golden.c expects of the matches in reports.json, in a folder for each.

The figures come from reference.py and from counting; nothing of the program is used. After a change of the format or
of the matches, rerun it here and look at the differences.
"""
import html
import json
import math
import os
import unicodedata

import reference

HERE = os.path.dirname(os.path.abspath(__file__))
ENDS = ["rules", "resigned", "forfeit", "stopped", "time", "agreed", "capped"]
FAULTS = ("forfeit", "time")


# ---- figures ----

class Score:
    def __init__(self):
        self.games = self.wins = self.draws = self.losses = self.forfeits = self.first_games = 0
        self.first_points = 0.0

    def add(self, game, me):
        points = points_of(game, me)
        self.games += 1
        self.wins += points == 1
        self.draws += points == 0.5
        self.losses += points == 0
        self.forfeits += game["end"] in FAULTS and game["loser"] == me
        if me == 0:
            self.first_games += 1
            self.first_points += points

    def mean(self):
        return (self.wins + self.draws / 2) / self.games

    def interval(self):
        return reference.wilson(self.mean(), self.games)


def points_of(game, side):
    return {"1-0": (1, 0), "0-1": (0, 1), "1/2-1/2": (0.5, 0.5)}[game["outcome"]][side]


class Match:
    def __init__(self, data):
        self.__dict__.update(data)
        self.names = [p[0] for p in data["players"]]
        self.test = data.get("test")
        self.n = len(self.names)
        for number, game in enumerate(self.games):
            game["number"] = number
            for key, preset in (("loser", 0), ("margin", 0), ("reason", ""), ("opening", 0), ("round", 0)):
                game.setdefault(key, preset)
            game["moves"] = game["moves"].split()
            game.setdefault("info", [[0, None, 0]] * len(game["moves"]))
        self.done = [g for g in self.games if g["outcome"] != "void"]
        self.cross = {(a, b): Score() for a in range(self.n) for b in range(self.n)}
        self.total = [Score() for _ in range(self.n)]
        for game in self.done:
            for me in range(2):
                self.cross[game["side"][me], game["side"][1 - me]].add(game, me)
                self.total[game["side"][me]].add(game, me)
        self.rate()

    def rate(self):
        seen, repeats, rated = set(), 0, []
        for game in self.done:
            key = (*game["side"], game["hash"])
            again = key in seen and game["end"] not in FAULTS
            if game["end"] not in FAULTS:
                seen.add(key)
            repeats += again
            if not again or self.repeated:
                rated.append((*game["side"], points_of(game, 0), game["pair"]))
        self.repeats = repeats
        playing = [p for p in range(self.n) if self.total[p].games]
        assert playing == list(range(len(playing)))
        # Davidson's model needs draws, and results that bound it; a ladder of two winners without draws does not.
        davidson = self.davidson and any(g[2] == 0.5 for g in rated)
        fit = reference.Fit(len(playing), rated, dict(map(tuple, self.anchors)), davidson,
                            [tuple(p) for p in self.half_added])
        self.ratings, self.covariance, self.quantile, self.draw_even = fit.table()
        self.known = [p in playing for p in range(self.n)]

    def interval(self, p):
        half = self.quantile * math.sqrt(max(self.covariance[p][p], 0))
        return self.ratings[p] - half, self.ratings[p] + half

    def stronger(self, a, b):
        return reference.superiority(self.ratings, self.covariance, a, b)

    def llr(self):
        function = reference.llr_normalised if self.test["model"] == "normalised" else reference.llr_logistic
        pairs = sum(self.test["pairs"])
        return function(self.test["pairs"], self.test["elo0"], self.test["elo1"]) * pairs / (pairs + 2)

    def bounds(self):
        alpha, beta = self.test["alpha"], self.test["beta"]
        return math.log(beta / (1 - alpha)), math.log((1 - beta) / alpha)

    def how(self, game):
        text = game["end"]
        if game["end"] in (*FAULTS, "resigned"):
            text += ", by " + self.names[game["side"][game["loser"]]]
        elif game["margin"]:
            text += f", by {abs(game['margin']):g} points"
        return text + (": " + game["reason"] if game["reason"] else "")


def whole(value):
    return f"{value:.0f}".replace("-0", "0") if f"{value:.0f}" == "-0" else f"{value:.0f}"


# ---- text ----

def columns(text):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def text_score(match, name, width, score):
    line = name + " " * (width - columns(name))
    line += f" {score.games:6d} {score.wins:6d} {score.draws:6d} {score.losses:6d}"
    if score.games:
        low, high = score.interval()
        line += f"  {100 * score.mean():5.1f} % ({100 * low:4.1f}..{100 * high:5.1f})"
    return line


def text(m):
    width = max([6] + [columns(name) for name in m.names])
    lines = [f"{m.game}, seed {m.seed}",
             "player".ljust(width) + f" {'games':>6} {'wins':>6} {'draws':>6} {'losses':>6}  {'score (95 %)':22s} Elo (95 %)"]
    for p in m.standing:
        line = text_score(m, m.names[p], width, m.total[p])
        if m.known[p]:
            low, high = m.interval(p)
            line += f" {whole(m.ratings[p]):>6s} ({whole(low)}..{whole(high)})"
        line += f"  {m.total[p].forfeits} forfeited" if m.total[p].forfeits else ""
        line += "  withdrawn" if p in m.withdrawn else ""
        lines.append(line)
    anchors = ", ".join(f"{m.names[p]} at {elo:g}" for p, elo in m.anchors) or "mean at 0"
    halves = "; half a win and half a loss added to one-sided pairings" if m.half_added else ""
    lines.append("Wilson score intervals; Elo by maximum likelihood over all games, " + anchors +
                 f", intervals from pairs of games{halves}.")
    if m.draw_even:
        lines.append(f"Davidson's draw model: {100 * m.draw_even:.1f} % draws between equals.")
    elif m.davidson:
        lines.append("Davidson's draw model cannot be fitted to these games (no draws, or too few upsets); a draw "
                     "counts as half a win and half a loss.")
    if m.repeats:
        lines.append(f"{m.repeats} games repeat an earlier one of the same players" +
                     ("." if m.repeated else " and are excluded from the ratings."))
    if m.schedule:
        lines.append(f"{m.schedule}: " + ", ".join(f"{i + 1}. {m.names[p]}" for i, p in enumerate(m.standing)))
    if m.n > 2:
        for i, a in enumerate(m.standing):
            for b in m.standing[i + 1:]:
                if m.cross[a, b].games:
                    lines.append(text_score(m, f"{m.names[a]} - {m.names[b]}", 2 * width + 3, m.cross[a, b]) +
                                 f"  P(stronger) {100 * m.stronger(a, b):.1f} %")
    else:
        a, b = m.standing
        lines.append(f"{m.names[a]} is stronger with probability {100 * m.stronger(a, b):.1f} %.")
    return "\n".join(lines + text_end(m)) + "\n"


def text_end(m):
    lines = []
    if m.test:
        t, (low, high) = m.test, m.bounds()
        lines.append(f"SPRT ({t['model']} Elo {t['elo0']:g} against {t['elo1']:g}, alpha {t['alpha']:g}, beta "
                     f"{t['beta']:g}): undecided, LLR {m.llr():.2f} in {low:.2f}..{high:.2f}; pairs " +
                     " ".join(map(str, t["pairs"])))
    count, voids = len(m.done), len(m.games) - len(m.done)
    distinct = [len({g[key] for g in m.done}) for key in ("hash", "symmetric")]
    lines.append(f"{count} of {len(m.games) - voids} games in {m.seconds:.1f} s{'' if m.finished else ', stopped'}; "
                 f"{distinct[0]} distinct ({distinct[1]} up to symmetry); first player won "
                 f"{100 * sum(g['outcome'] == '1-0' for g in m.done) / count:.1f} %, draws "
                 f"{100 * sum(g['outcome'] == '1/2-1/2' for g in m.done) / count:.1f} %, "
                 f"{sum(len(g['moves']) for g in m.done) / count:.1f} plies per game")
    ends = {e: sum(g["end"] == e for g in m.done) for e in ENDS}
    if ends["agreed"] or ends["capped"] or ends["time"]:
        lines.append("ended by " + ", ".join(f"{e} {k}" for e, k in ends.items() if k))
    faults = [f"{m.names[g['side'][g['loser']]]}: {g['reason']}" for g in m.done if g["end"] in FAULTS]
    lines += [f"forfeit: {f} ({faults.count(f)})" for f in sorted(set(faults))]
    return lines


# ---- CSV and JSON ----

def csv(m):
    def quoted(s):
        return '"' + s.replace('"', '""') + '"'
    lines = ["game,round,pair,opening,first,second,result,ended,loser,margin,plies,seconds,reason"]
    for g in m.done:
        a, b = (m.names[p] for p in g["side"])
        loser = quoted((a, b)[g["loser"]]) if g["end"] in (*FAULTS, "resigned") else ""
        lines.append(f"{g['number'] + 1},{g['round'] + 1},{g['pair'] + 1},{g['opening'] + 1},{quoted(a)},{quoted(b)},"
                     f"{g['outcome']},{g['end']},{loser},{g['margin']:g},{len(g['moves'])},{g['seconds']:.3f},"
                     f"{quoted(g['reason'])}")
    return "\n".join(lines) + "\n"


def json_lines(m):
    def score(s):
        return {"games": s.games, "wins": s.wins, "draws": s.draws, "losses": s.losses,
                "score": s.mean() if s.games else None}
    lines = []
    for a in range(m.n):
        for b in range(a + 1, m.n):
            s = m.cross[a, b]
            if s.games:
                low, high = s.interval()
                lines.append({"a": m.names[a], "b": m.names[b], **score(s), "score_low": low, "score_high": high,
                              "games_first": s.first_games, "points_first": s.first_points,
                              "superiority": m.stronger(a, b)})
    if m.test:
        t, (low, high) = m.test, m.bounds()
        lines.append({"sprt": {"model": t["model"], "elo0": t["elo0"], "elo1": t["elo1"], "llr": m.llr(),
                               "lower": low, "upper": high, "decision": "open", "pairs": t["pairs"]}})
    lines.append({"game": m.game, "seed": m.seed, "distinct": len({g["hash"] for g in m.done}),
                  "distinct_symmetric": len({g["symmetric"] for g in m.done}),
                  "forfeits": {name: s.forfeits for name, s in zip(m.names, m.total)}, "repeated": m.repeats,
                  "schedule": m.schedule or "round-robin", "standing": [m.names[p] for p in m.standing],
                  "withdrawn": [m.names[p] for p in m.withdrawn],
                  **({"draw_even": m.draw_even} if m.draw_even else {})})
    agents = []
    for p in range(m.n):
        low, high = m.interval(p) if m.known[p] else (None, None)
        agents.append({"name": m.names[p], **score(m.total[p]), "elo": m.ratings[p] if m.known[p] else None,
                       "elo_low": low, "elo_high": high})
    lines.append({"agents": agents, "games": len(m.done), "seconds": m.seconds, "finished": m.finished})
    return lines


def jsonl(m):
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in json_lines(m))


def json_document(m):
    """The last line's members, then the pairs, the sequential test and the summary."""
    *lines, agents = json_lines(m)
    pairs = [line for line in lines if "a" in line]
    document = {**agents, "pairs": pairs}
    for line in lines[len(pairs):]:
        document.update(line)
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


# ---- HTML: the tables and the plot, and the data of the boards ----

def escape(s):
    return html.escape(s, quote=True).replace("&#x27;", "&apos;")


def page(m):
    out = [f"<h1>Tournament of {m.game}</h1><p>{len(m.done)} games, seed {m.seed}"
           f"{'' if m.finished else ', not finished'}.</p>\n"]
    named = any(name != spec for name, spec in m.players)
    out.append("<h2>Standings</h2><div class=wide><table><tr><th></th><th class=l>player</th><th>games</th>"
               "<th>wins</th><th>draws</th><th>losses</th><th>score</th><th>Elo</th><th>95 %</th>" +
               ("<th class=l>spec</th>" if named else "") + "</tr>\n")
    for i, p in enumerate(m.standing):
        s = m.total[p]
        low, high = m.interval(p) if m.known[p] else (0, 0)
        cells = [s.games, s.wins, s.draws, s.losses, f"{100 * s.mean():.1f} %" if s.games else "",
                 f"{m.ratings[p]:.0f}" if m.known[p] else "", f"{low:.0f}..{high:.0f}" if m.known[p] else ""]
        gone = " <span class=w>(withdrawn)</span>" if p in m.withdrawn else ""
        out.append(f"<tr><td>{i + 1}</td><td class=l>{escape(m.names[p])}{gone}</td>" +
                   "".join(f"<td>{c}</td>" for c in cells) +
                   (f"<td class=l>{escape(m.players[p][1])}</td>" if named else "") + "</tr>\n")
    out.append("</table></div>\n<h2>Crosstable</h2><p class=w>Points of the row player against the column player / "
               "games; below, the probability that the row player is stronger.</p><div class=wide><table><tr>"
               "<th></th><th></th>" + "".join(f"<th>{i + 1}</th>" for i in range(m.n)) + "</tr>\n")
    for i, a in enumerate(m.standing):
        row = f"<tr><td>{i + 1}</td><td class=l>{escape(m.names[a])}</td>"
        for b in m.standing:
            s = m.cross[a, b]
            if a == b:
                row += "<td class=self></td>"
            elif not s.games:
                row += "<td></td>"
            else:
                row += (f"<td>{s.wins + s.draws / 2:g}/{s.games}<br><span class=w>{100 * m.stronger(a, b):.1f} %"
                        "</span></td>")
        out.append(row + "</tr>\n")
    out.append("</table></div>\n" + plot(m))
    out.append("<h2>Text report</h2><pre>" + escape(text(m)) + "</pre>\n" + rows(m))
    return "".join(out)


def plot(m):
    """Ratings over an axis with between four and some twenty lines at 1, 2 or 5 times a power of ten."""
    known = [p for p in m.standing if m.known[p]]
    low, high = min(m.interval(p)[0] for p in known), max(m.interval(p)[1] for p in known)
    margin = max((high - low) * 0.03, 5)
    low, high = low - margin, high + margin
    step = next(f * 10**e for e in range(-1, 6) for f in (1, 2, 5)
                if (high - low) / (f * 10**e) <= {1: 8, 2: 10, 5: 8}[f] and (high - low) / 10**e >= 4)
    height = 40 + 26 * len(known)
    out = [f'<h2>Ratings</h2><svg viewBox="0 0 820 {height}" width="820" role="img" aria-label="Elo with 95 % '
           'intervals">\n']

    def x(elo):
        return f"{220 + (elo - low) / (high - low) * 580:.1f}"
    line = math.ceil(low / step)
    while line * step <= high:
        at = x(line * step)
        out.append(f'<path d="M{at} 10 V{height - 22}" stroke="#ddd"/><text x="{at}" y="{height - 6}" '
                   f'text-anchor="middle">{line * step}</text>\n')
        line += 1
    for i, p in enumerate(known):
        name, y = m.names[p], 23 + 26 * i
        name = escape(name) if len(name) <= 28 else escape(name[:27]) + "…"
        a, b = m.interval(p)
        out.append(f'<text x="210" y="{y + 4}" text-anchor="end">{name}</text><path d="M{x(a)} {y} H{x(b)}" '
                   f'stroke="#357" stroke-width="3"/><circle cx="{x(m.ratings[p])}" cy="{y}" r="5" fill="#357"/>\n')
    return "".join(out) + "</svg>\n"


RESULT = {"1-0": "1-0", "0-1": "0-1", "1/2-1/2": "draw"}


def rows(m):
    out = ["<h2>Games</h2><p class=w>Click a game to show it; step through it with the arrow keys.</p><div id=both>"
           "<div id=games><table><tr><th>game</th><th class=l>first</th><th class=l>second</th><th>result</th>"
           "<th>plies</th><th class=l>ended</th></tr>\n"]
    for g in m.done:
        a, b = (escape(m.names[p]) for p in g["side"])
        out.append(f"<tr class=g data-i={g['number']}><td>{g['number'] + 1}</td><td class=l>{a}</td><td class=l>{b}</td>"
                   f"<td>{RESULT[g['outcome']]}</td><td>{len(g['moves'])}</td><td class=l>{escape(m.how(g))}</td></tr>\n")
    out.append("</table></div><div id=view hidden><h3 id=title></h3><p id=how></p><div id=board></div><p id=info></p>"
               '<button onclick="step(-1e9)">|&lt;</button> <button onclick="step(-1)">&lt;</button> '
               '<button onclick="step(1)">&gt;</button> <button onclick="step(1e9)">&gt;|</button>'
               "<div id=graph></div></div></div>\n")
    return "".join(out)


def board_data(m):
    """Boards of 5x5: what each move changes, as 3 * point + stone; captures as in Go."""
    games = {}
    for g in m.done:
        stones, changes = [0] * 25, []
        for ply, move in enumerate(g["moves"]):
            before = list(stones)
            if move != "pass":
                point = "ABCDE".index(move[0]) + 5 * (5 - int(move[1]))
                stones[point] = 1 + ply % 2
                for other in neighbours(point):
                    if m.game.startswith("go") and stones[other] == 2 - ply % 2:
                        capture(stones, other)
            changes.append([3 * p + stones[p] for p in range(25) if stones[p] != before[p]])
        a, b = (m.names[p] for p in g["side"])
        games[str(g["number"])] = {
            "title": f"Game {g['number'] + 1}: {a} - {b}, {RESULT[g['outcome']]}", "how": m.how(g),
            "m": [x if x == "pass" else "ABCDE".index(x[0]) + 5 * (5 - int(x[1])) for x in g["moves"]],
            "c": changes, "t": [i[0] for i in g["info"]],
            "v": [None if i[1] is None else round(i[1], 2) for i in g["info"]],
            "s": [ply % 2 for ply in range(len(g["moves"]))]}
    data = {"width": 5, "height": 5, "cells": False, "ground": "#e6c27a", "setup": [], "games": games}
    return json.dumps(data, ensure_ascii=False) + "\n"


def neighbours(point):
    x, y = point % 5, point // 5
    return [5 * b + a for a, b in ((x - 1, y), (x + 1, y), (x, y - 1), (x, y + 1)) if 0 <= a < 5 and 0 <= b < 5]


def capture(stones, point):
    chain, open_points = {point}, [point]
    while open_points:
        for other in neighbours(open_points.pop()):
            if stones[other] == 0:
                return
            if stones[other] == stones[point] and other not in chain:
                chain.add(other)
                open_points.append(other)
    for p in chain:
        stones[p] = 0


def main():
    with open(os.path.join(HERE, "reports.json"), encoding="utf-8") as file:
        matches = json.load(file)
    for data in matches:
        m = Match(data)
        folder = os.path.join(HERE, "report-" + m.name)
        os.makedirs(folder, exist_ok=True)
        for name, content in (("report.txt", text(m)), ("games.csv", csv(m)), ("report.json", json_document(m)), ("report.jsonl", jsonl(m)),
                              ("page.html", page(m)), ("boards.json", board_data(m))):
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(content)


if __name__ == "__main__":
    main()
