"""A board of Go, small and slow: moves, area, and stones that cannot be captured.

A board is a dict from points (x, y), counted from the lower left corner, to "b", "w" or "."; all points are in it.
"""
LETTERS = "ABCDEFGHJKLMNOPQRST"
OTHER = {"b": "w", "w": "b"}


def empty_board(size):
    return {(x, y): "." for x in range(size) for y in range(size)}


def point_of(text):
    return LETTERS.index(text[0].upper()), int(text[1:]) - 1


def name_of(point):
    return f"{LETTERS[point[0]]}{point[1] + 1}"


def neighbours(board, point):
    x, y = point
    return [p for p in ((x - 1, y), (x + 1, y), (x, y - 1), (x, y + 1)) if p in board]


def components(board, kinds):
    """The maximal connected sets of points whose contents are all in `kinds`."""
    seen, found = set(), []
    for start, content in board.items():
        if content not in kinds or start in seen:
            continue
        part, open_points = {start}, [start]
        while open_points:
            for p in neighbours(board, open_points.pop()):
                if board[p] in kinds and p not in part:
                    part.add(p)
                    open_points.append(p)
        seen |= part
        found.append(part)
    return found


def border(board, part):
    """The points next to `part`, outside of it."""
    return {p for point in part for p in neighbours(board, point)} - part


def chain_of(board, point):
    chain, open_points = {point}, [point]
    while open_points:
        for p in neighbours(board, open_points.pop()):
            if board[p] == board[point] and p not in chain:
                chain.add(p)
                open_points.append(p)
    return chain


def play(board, colour, move):
    """Plays on `board`, and returns how many stones were captured. Legality is not checked; a suicide removes the stones."""
    if move.lower() == "pass":
        return 0
    point = point_of(move)
    board[point], captured = colour, 0
    for first in [p for p in neighbours(board, point) if board[p] == OTHER[colour]] + [point]:
        chain = chain_of(board, first) if board[first] != "." else set()
        if chain and not any(board[p] == "." for p in border(board, chain)):
            captured += len(chain)
            for p in chain:
                board[p] = "."
    return captured


def after(size, moves):
    board = empty_board(size)
    for i, move in enumerate(moves):
        play(board, "bw"[i % 2], move)
    return board


def area(board):
    """Black's stones and the empty areas that touch only black, less white's: the count of the Tromp-Taylor rules."""
    balance = 0
    for point in board.values():
        balance += {"b": 1, "w": -1, ".": 0}[point]
    for part in components(board, "."):
        colours = {board[p] for p in border(board, part)}
        if len(colours) == 1:
            balance += len(part) if "b" in colours else -len(part)
    return balance


def pass_alive(board, colour):
    """The chains of `colour` that cannot be captured even if it always passes (D. B. Benson, Life in the game of Go, 1976)."""
    chains = components(board, colour)
    regions = components(board, "." + OTHER[colour])
    around = [border(board, region) for region in regions]
    empty = [{p for p in region if board[p] == "."} for region in regions]
    liberties = [border(board, chain) for chain in chains]
    alive, usable = set(range(len(chains))), set(range(len(regions)))
    while True:
        lost = {c for c in alive if sum(bool(empty[r] & liberties[c]) and empty[r] <= liberties[c] for r in usable) < 2}
        alive -= lost
        standing = set().union(*(chains[c] for c in alive))
        usable = {r for r in usable if around[r] <= standing}
        if not lost:
            return [chains[c] for c in alive]
