"""Reference figures for the tests of match statistics, by other means than the program's.

Ratings: the log likelihood is a sum over single games, differentiated numerically, maximised by Newton's method over
coordinates that hold the mean at 0 where there is no anchor, with the sandwich estimate of the covariance. The
sequential test: the dual problem of empirical likelihood (Owen 2001), maximised by search. Standard library only.
"""
import math

UNIT = 400 / math.log(10)  # Elo per natural unit
Z = 1.959963984540054


# ---- linear algebra ----

def multiply(a, b):
    return [[sum(x * y for x, y in zip(row, column)) for column in zip(*b)] for row in a]


def transpose(a):
    return [list(column) for column in zip(*a)]


def solve(a, b):
    """x with a x = b, b a matrix; Gaussian elimination."""
    n = len(a)
    rows = [list(a[i]) + list(b[i]) for i in range(n)]
    for c in range(n):
        pivot = max(range(c, n), key=lambda r: abs(rows[r][c]))
        rows[c], rows[pivot] = rows[pivot], rows[c]
        for r in range(n):
            if r != c:
                factor = rows[r][c] / rows[c][c]
                rows[r] = [x - factor * y for x, y in zip(rows[r], rows[c])]
    return [[x / rows[i][i] for x in rows[i][n:]] for i in range(n)]


# ---- ratings ----

def game_log_likelihood(points, difference, log_nu):
    """Of one game; log_nu None: a draw counts as half a win and half a loss."""
    if log_nu is None:
        return points * -math.log1p(math.exp(-difference)) + (1 - points) * -math.log1p(math.exp(difference))
    weights = {1: difference / 2, 0.5: log_nu, 0: -difference / 2}
    return weights[points] - math.log(sum(math.exp(w) for w in weights.values()))


class Fit:
    """games: (a, b, points of a, pair or None); anchors: {player: Elo}. All players are connected by games."""

    def __init__(self, players, games, anchors, davidson, halves=()):
        self.games, self.davidson, self.players = games, davidson, players
        # (a, b): half a win and half a loss are added, to bound a pair in which one player scored everything.
        self.extra = [(a, b, 0.5, None) for a, b in halves]
        self.offset = [anchors.get(p, 0) / UNIT for p in range(players)]
        free = [p for p in range(players) if p not in anchors]
        self.members = players
        # Columns: directions in which the ratings may move.
        if anchors:
            self.basis = [[float(p == f) for f in free] for p in range(players)]
            self.fitted = len(free)
        else:
            self.basis = [[float(p == f) - float(p == players - 1) for f in range(players - 1)] for p in range(players)]
            self.fitted = players - 1
        if davidson:
            self.basis = [row + [0.0] for row in self.basis] + [[0.0] * self.fitted + [1.0]]
            self.offset.append(0.0)
            self.fitted += 1
        self.at = [0.0] * self.fitted
        self.maximise()

    def parameters(self, at):
        return [o + sum(b * x for b, x in zip(row, at)) for o, row in zip(self.offset, self.basis)]

    def game(self, game, at):
        full = self.parameters(at)
        a, b, points, _ = game
        return game_log_likelihood(points, full[a] - full[b], full[-1] if self.davidson else None)

    def total(self, at):
        return sum(self.game(g, at) for g in self.games + self.extra)

    def gradient(self, function, at, h=1e-4):
        def along(i, step):
            return function([x + step * (k == i) for k, x in enumerate(at)])
        # Five points: the error is of the order of h to the fourth.
        return [(8 * (along(i, h) - along(i, -h)) - (along(i, 2 * h) - along(i, -2 * h))) / (12 * h)
                for i in range(len(at))]

    def curvature(self):
        rows = []
        for i in range(self.fitted):
            def partial(at, i=i):
                return self.gradient(self.total, at, 1e-3)[i]
            rows.append([-x for x in self.gradient(partial, self.at, 1e-3)])
        return rows

    def maximise(self):
        for _ in range(60):
            step = solve(self.curvature(), [[g] for g in self.gradient(self.total, self.at)])
            if not step:  # nothing is free
                return
            self.at = [x + max(-1, min(1, s[0])) for x, s in zip(self.at, step)]
            if max(abs(s[0]) for s in step) < 1e-11:
                return

    def table(self):
        """(Elo by player, covariance in Elo squared, quantile, draw rate between equals)."""
        if not self.fitted:
            return [x * UNIT for x in self.offset], [[0.0] * self.players for _ in range(self.players)], Z, 0
        curvature, middle, quantile = self.curvature(), self.curvature(), Z
        clusters = {}
        for number, game in enumerate(self.games):
            key = ("pair", game[3]) if game[3] is not None else ("single", number)
            gradient = self.gradient(lambda at, g=game: self.game(g, at), self.at)
            clusters[key] = [x + y for x, y in zip(clusters.get(key, [0.0] * self.fitted), gradient)]
        count, d = len(clusters), self.fitted
        if count > d + 1 and not self.extra:
            share, correction = count / (count + 2), count / (count - d)
            middle = [[(1 - share) * x for x in row] for row in middle]
            for g in clusters.values():
                for i in range(d):
                    for j in range(d):
                        middle[i][j] += share * correction * g[i] * g[j]
            quantile = student(count - d)
        inverse = solve(curvature, [[float(i == j) for j in range(d)] for i in range(d)])
        inner = multiply(multiply(inverse, middle), inverse)
        full = multiply(multiply(self.basis, inner), transpose(self.basis))
        ratings = [x * UNIT for x in self.parameters(self.at)[:self.players]]
        covariance = [[x * UNIT * UNIT for x in row[:self.players]] for row in full[:self.players]]
        nu = math.exp(self.parameters(self.at)[-1]) if self.davidson else 0
        return ratings, covariance, quantile, nu / (nu + 2)


def student(v):
    """97.5 % quantile of Student's t, to the third term of Abramowitz and Stegun 26.7.5."""
    g1 = (Z**3 + Z) / 4
    g2 = (5 * Z**5 + 16 * Z**3 + 3 * Z) / 96
    g3 = (3 * Z**7 + 19 * Z**5 + 17 * Z**3 - 15 * Z) / 384
    return Z + g1 / v + g2 / v**2 + g3 / v**3


def superiority(ratings, covariance, a, b):
    variance = covariance[a][a] + covariance[b][b] - 2 * covariance[a][b]
    if not variance:  # two anchors
        return 0.5 + 0.5 * ((ratings[a] > ratings[b]) - (ratings[a] < ratings[b]))
    return 0.5 * math.erfc((ratings[b] - ratings[a]) / math.sqrt(2 * variance))


def wilson(score, n):
    """The two means m with (score - m)^2 = Z^2 m (1 - m) / n."""
    a, b, c = 1 + Z * Z / n, -(2 * score + Z * Z / n), score * score
    root = math.sqrt(b * b - 4 * a * c)
    return (-b - root) / (2 * a), (-b + root) / (2 * a)


# ---- sequential test ----

SCORES = [0, 0.25, 0.5, 0.75, 1]


def golden(function, low, high):
    """Where a unimodal function is largest."""
    ratio = (math.sqrt(5) - 1) / 2
    for _ in range(200):
        a, b = high - ratio * (high - low), low + ratio * (high - low)
        if function(a) < function(b):
            low = a
        else:
            high = b
    return (low + high) / 2


def frequencies(pairs):
    counts = [p if p > 0 else 1e-3 for p in pairs]
    return sum(counts), [c / sum(counts) for c in counts]


def dual(hat, x):
    """The most that sum hat log(1 + t x) reaches: by how much the likelihood falls under the constraint mean(x) = 0."""
    def value(t):
        return sum(h * math.log(1 + t * y) for h, y in zip(hat, x))
    edge = 1 - 1e-12
    return value(golden(value, -edge / max(x), -edge / min(x)))


def llr_logistic(pairs, elo0, elo1):
    total, hat = frequencies(pairs)
    means = [1 / (1 + 10 ** (-elo / 400)) for elo in (elo0, elo1)]
    losses = [dual(hat, [s - m for s in SCORES]) for m in means]
    return total * (losses[0] - losses[1])


def loss_normalised(hat, t):
    """The least loss over the standard deviation s, for mean 1/2 + t s and that deviation: two linear constraints."""
    def loss(s):
        mean = 0.5 + t * s
        x = [v - mean for v in SCORES]
        y = [(v - mean) ** 2 - s * s for v in SCORES]
        a = b = 0.0
        for _ in range(200):  # damped Newton's method on the dual, which is concave
            w = [1 + a * p + b * q for p, q in zip(x, y)]
            g = [sum(h * p / v for h, p, v in zip(hat, x, w)), sum(h * q / v for h, q, v in zip(hat, y, w))]
            m = [[sum(h * p * q / v / v for h, p, q, v in zip(hat, u, z, w)) for z in (x, y)] for u in (x, y)]
            step = solve(m, [[g[0]], [g[1]]])
            size = 1.0
            while min(1 + (a + size * step[0][0]) * p + (b + size * step[1][0]) * q for p, q in zip(x, y)) <= 0:
                size /= 2
            a, b = a + size * step[0][0], b + size * step[1][0]
            if abs(step[0][0]) + abs(step[1][0]) < 1e-13:
                break
        return sum(h * math.log(1 + a * p + b * q) for h, p, q in zip(hat, x, y))
    mean = sum(h * s for h, s in zip(hat, SCORES))
    spread = math.sqrt(sum(h * (s - mean) ** 2 for h, s in zip(hat, SCORES)))
    return loss(golden(lambda s: -loss(s), spread * 0.6, spread * 1.6))


def llr_normalised(pairs, elo0, elo1):
    total, hat = frequencies(pairs)
    unit = math.log(10) / 800 * math.sqrt(2)
    return total * (loss_normalised(hat, elo0 * unit) - loss_normalised(hat, elo1 * unit))


def print_fit(title, fit):
    ratings, covariance, quantile, draw_even = fit.table()
    print(title, "quantile", quantile, "draw_even", draw_even)
    print("  ratings", ratings)
    print("  covariance", [x for row in covariance for x in row])
    print("  stronger", [superiority(ratings, covariance, a, b) for a, b in ((0, 1), (0, 2), (1, 2))])


# The games of test_rating_reference.c.
MIXED = [(0, 1, 1, 0), (1, 0, 0.5, 0), (0, 1, 1, 1), (1, 0, 0, 1), (1, 2, 1, 2), (2, 1, 0, 2), (1, 2, 0.5, 3),
         (2, 1, 1, 3), (2, 0, 1, 4), (0, 2, 1, 4), (2, 0, 0, 5), (0, 2, 0.5, 5), (0, 1, 0, 6), (1, 0, 0.5, 6),
         (1, 2, 0, 7), (2, 1, 0.5, 7), (0, 2, 1, None), (2, 1, 0, None)]
ONE_SIDED = [(0, 1, 1, 0), (1, 0, 0, 0), (1, 2, 1, 1), (2, 1, 1, 1), (1, 2, 0, 2), (2, 1, 1, 2), (1, 2, 1, 3),
             (2, 1, 0.5, 3)]

if __name__ == "__main__":
    print_fit("halves", Fit(3, MIXED, {}, False))
    print_fit("halves, anchor", Fit(3, MIXED, {1: 1500}, False))
    print_fit("davidson", Fit(3, MIXED, {}, True))
    print_fit("davidson, anchors", Fit(3, MIXED, {0: 1500, 2: 1450}, True))
    print_fit("one-sided", Fit(3, ONE_SIDED, {}, False, [(0, 1)]))
    print("student", [student(v) for v in (2, 3, 10)])
    print("wilson", [wilson(*x) for x in ((0.3, 7), (0.9, 50), (1, 4))])
    for counts, elo0, elo1 in (([3, 20, 41, 30, 6], 0, 20), ([0, 2, 11, 9, 1], -10, 40), ([12, 0, 3, 0, 25], 5, 60)):
        print("llr", llr_logistic(counts, elo0, elo1), llr_normalised(counts, elo0, elo1))
