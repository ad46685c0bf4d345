"""Positions of Go in which nothing is left to play and the area is known: made by rule, or reached by GNU Go.

A position is a dict: name, size, area (black's less white's, without komi) and either moves, black first, or stones and to_move.
"""
import json
import os
import random

import go_board as go
from gtp import gnugo, play_on

MOST = 40


def strips(rng, size):
    """Who gets each point: two to four strips, in turn black's and white's, with ragged borders, across or upright."""
    count = rng.randint(2, min(4, size // 4 + 1))
    cuts = sorted(rng.sample(range(3, size - 2), count - 1))
    across, first, owner = rng.random() < 0.5, rng.choice("bw"), {}
    for along in range(size):
        for deep in range(size):
            colour = first if sum(deep >= cut for cut in cuts) % 2 == 0 else go.OTHER[first]
            owner[(along, deep) if across else (deep, along)] = colour
        cuts = [min(max(cut + rng.choice((-1, 0, 0, 1)), 2), size - 2) for cut in cuts]
    return owner


def dig(rng, board, colour):
    """Makes eyes in the solid stones of `colour`, as many as the rule allows. Whether two were possible in all."""
    def good(points):
        """Whether each empty point touches a stone of this colour and no other, and no stone can be captured."""
        for p in points:
            if not {board[q] for q in go.neighbours(board, p)} <= {colour, "."}:
                return False
        if any(all(board[q] == "." for q in go.neighbours(board, p)) for p, content in board.items() if content == "."):
            return False
        return sum(map(len, go.pass_alive(board, colour))) == sum(content == colour for content in board.values())

    for part in go.components(board, colour):
        inside = sorted(p for p in part if go.border(board, {p}) <= part)
        pairs = [(p, q) for p in inside for q in inside if p < q and q not in go.neighbours(board, p)]
        if not pairs:
            return False
        for p in rng.choice(pairs):
            board[p] = "."
    if not good([]):
        return False
    rest = sorted(p for p, content in board.items() if content == colour)
    for p in rng.sample(rest, rng.randint(len(rest) // 4, len(rest))):
        board[p] = "."
        if not good([p]):
            board[p] = colour
    return True


def made(seed, number, size):
    """Walls with two eyes or more each, no stone of which can be captured (pass_alive), and no empty point away from them,
    so that no stone inside them could live: the count of the board is the result, whoever moves. The komi that makes it even
    is at most MOST."""
    rng = random.Random(f"{seed} {number} {size}")
    while True:
        board = strips(rng, size)
        if len(set(board.values())) == 2 and abs(go.area(board)) <= MOST and dig(rng, board, "b") and dig(rng, board, "w"):
            return {"name": f"made-{size}-{seed}-{number}", "size": size, "area": go.area(board), "to_move": rng.choice("BW"),
                    "stones": [[c.upper(), go.name_of(p)] for p, c in board.items() if c != "."]}


def played(seed, size, level):
    """A game of GNU Go against itself by Chinese rules, without the last two passes, after two random moves, which keep it from
    repeating games; None if its area is in doubt: GNU Go's count must be that of the board after all dead stones have been
    captured on it."""
    inside = [go.name_of((x, y)) for x in range(1, size - 1) for y in range(1, size - 1)]
    opening, longest = random.Random(f"{seed} {size}").sample(inside, 2), 4 * size * size
    engine = gnugo(level, seed, "chinese", "--never-resign")
    engine.set_up(size, "chinese", 0, opening)
    moves = play_on(engine, opening, longest)
    count = engine.score()
    engine.close()
    while moves and moves[-1] == "PASS":
        moves.pop()
    cleaner = gnugo(level, seed, "chinese", "--never-resign", "--capture-all-dead")
    cleaner.set_up(size, "chinese", 0, moves)
    cleaned = play_on(cleaner, moves, longest)
    cleaner.close()
    if len(cleaned) >= longest or go.area(go.after(size, cleaned)) != count:
        return None
    return {"name": f"gnugo-{size}-{level}-{seed}", "size": size, "area": int(count), "moves": moves}


def game_of_gnugo(seed, size, level, folder):
    """The game of `seed`, or of the first one after it whose area is beyond doubt. With a folder it is kept there."""
    path = folder and os.path.join(folder, f"gnugo-{size}-{level}-{seed}.json")
    if path and os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    position, attempt = None, seed
    while not position:
        position = played(attempt, size, level)
        attempt += 1000
    if path:
        with open(path + ".new", "w", encoding="utf-8") as file:
            json.dump(position, file)
        os.replace(path + ".new", path)
    return position
