#include "tests/games/go/go_against_naive.h"

#include "games/game.h"
#include "games/go/go.h"
#include "tests/games/go/naive_go.h"

#include <stdlib.h>

static char message[200];

struct pair {
    struct game game;
    union any_position fast;
    struct history history;
    struct naive_go slow;
};

static const char *differ(const struct pair *pair, const char *what, int point)
{
    snprintf(message, sizeof message, "%s at point %d, ply %d, size %d", what, point, pair->slow.plies,
             pair->game.width);
    return message;
}

static const char *compare_boards(const struct pair *pair, struct rng *rng, struct naive_tally *tally)
{
    const struct game *game = &pair->game;
    const char *wrong = game->ops->check(game, &pair->fast.p);
    if (wrong)
        return differ(pair, wrong, -1);
    for (int p = 0; p < game->points; p++)
        if ((int)game->ops->stone(game, &pair->fast.p, p) != pair->slow.now.stone[p])
            return differ(pair, "stones differ", p);
    for (int player = 0; player < 2; player++)
        if (go_prisoners(&pair->fast.p, player) != pair->slow.prisoners[player + 1])
            return differ(pair, "prisoners differ", player);
    int p = (int)rng_below(rng, game->points);
    if (pair->slow.now.stone[p] &&
        go_liberties(game, &pair->fast.p, p) != naive_liberties(&pair->slow, &pair->slow.now, p))
        return differ(pair, "liberties differ", p);
    if (rng_below(rng, 8) == 0) {
        tally->areas++;
        if (go_area(game, &pair->fast.p, NULL) != naive_area(&pair->slow, &pair->slow.now))
            return differ(pair, "areas differ", -1);
    }
    return NULL;
}

/* The planes of go-v1 for liberties and legality: 2..7 chains, 8 legal, 9 forbidden, 10 and 11 after a move. */
static const char *compare_planes(const struct pair *pair)
{
    static float planes[GAME_MAX_PLANES * GAME_MAX_POINTS], globals[GAME_MAX_GLOBALS];
    const struct game *game = &pair->game;
    const struct naive_board *now = &pair->slow.now;
    game_encode(game, game_features_find(game, "go-v1"), &pair->fast.p, &pair->history, 0, planes, globals);
    for (int p = 0; p < game->points; p++) {
        int expected = 0, seen = 0, liberties = 0, captured;
        for (int plane = 0; plane < 12; plane++)
            seen |= (int)planes[plane * game->points + p] << plane;
        if (now->stone[p]) {
            int own = now->stone[p] == now->to_move;
            liberties = naive_liberties(&pair->slow, now, p);
            expected = (own ? 1 : 2) | (liberties <= 3 ? 1 << ((own ? 1 : 4) + liberties) : 0);
        } else if (naive_legal(&pair->slow, p)) {
            struct naive_board after = *now;
            if (!naive_put(&pair->slow, &after, p, &captured)) /* a suicide leaves no chain */
                liberties = naive_liberties(&pair->slow, &after, p);
            expected = 1 << 8 | (liberties == 1) << 10 | (liberties == 2) << 11;
        } else {
            expected = 1 << 9;
        }
        if (seen != expected)
            return differ(pair, "planes differ", p);
    }
    return NULL;
}

static const char *compare_legality(const struct pair *pair, bool all, struct rng *rng, struct naive_tally *tally)
{
    const struct game *game = &pair->game;
    const struct position *fast = &pair->fast.p;
    int ko = go_ko_point(game, fast); /* always checked */
    for (int i = 0; i < (all ? game->points : 6); i++) {
        int p = all ? i : i == 0 && ko != GAME_NO_MOVE ? ko : (int)rng_below(rng, game->points);
        bool is_legal = game->ops->legal(game, fast, &pair->history, (game_move)p);
        if (is_legal != naive_legal(&pair->slow, p))
            return differ(pair, is_legal ? "only the fast board allows" : "only the naive board allows", p);
        if (is_legal || pair->slow.now.stone[p])
            continue;
        tally->kos += ko == p;
        tally->superkos += ko != p && game->ops->legal(game, fast, NULL, (game_move)p);
    }
    return NULL;
}

/* Uniformly random, except that a third of the moves are the first of several draws that captures, which leads to
 * fights, kos and ladders. */
static game_move draw_move(const struct pair *pair, const game_move *moves, int count, struct rng *rng)
{
    if (count == 1 || rng_below(rng, 40) == 0)
        return pair->game.points;
    game_move move = moves[rng_below(rng, (uint32_t)count - 1)];
    for (int tries = rng_below(rng, 3) == 0 ? 12 : 0; tries > 0; tries--) {
        struct naive_board after = pair->slow.now;
        game_move other = moves[rng_below(rng, (uint32_t)count - 1)];
        int captured;
        naive_put(&pair->slow, &after, other, &captured);
        if (captured)
            return other;
    }
    return move;
}

static const char *play_game(struct pair *pair, bool all, struct rng *rng, struct naive_tally *tally)
{
    struct go_rules rules = go_rules(&pair->game);
    naive_start(&pair->slow, pair->game.width, rules.suicide, (enum naive_ko)rules.ko);
    game_init(&pair->game, &pair->fast.p);
    pair->history.count = 0;
    tally->games++;
    while (!game_over(&pair->fast.p)) {
        game_move moves[GAME_MAX_MOVES];
        const char *wrong = compare_legality(pair, all, rng, tally);
        if (!wrong && rng_below(rng, pair->game.width > 9 ? 200 : 16) == 0)
            wrong = compare_planes(pair);
        if (wrong)
            return wrong;
        int count = pair->game.ops->legal_moves(&pair->game, &pair->fast.p, &pair->history, moves);
        game_move move = draw_move(pair, moves, count, rng);
        int taken = go_prisoners(&pair->fast.p, 0) + go_prisoners(&pair->fast.p, 1);
        game_play(&pair->game, &pair->fast.p, &pair->history, move);
        naive_play(&pair->slow, move);
        tally->moves++;
        if (go_prisoners(&pair->fast.p, 0) + go_prisoners(&pair->fast.p, 1) > taken) {
            bool suicide = pair->game.ops->stone(&pair->game, &pair->fast.p, move) == GAME_EMPTY;
            tally->suicides += suicide;
            tally->captures += !suicide;
        }
        wrong = compare_boards(pair, rng, tally);
        if (wrong)
            return wrong;
    }
    tally->ended += pair->fast.p.ply < pair->game.max_plies;
    return NULL;
}

const char *go_against_naive(const char *spec, long moves, bool all, uint64_t seed, struct naive_tally *tally)
{
    struct pair *pair = calloc(1, sizeof *pair);
    struct rng rng;
    const char *wrong = NULL;
    if (!pair || !game_parse(&pair->game, spec, NULL)) {
        free(pair);
        return "the spec is invalid";
    }
    rng_seed(&rng, seed);
    history_init(&pair->history, pair->game.max_plies);
    for (long end = tally->moves + moves; !wrong && tally->moves < end;)
        wrong = play_game(pair, all, &rng, tally);
    history_clear(&pair->history);
    free(pair);
    return wrong;
}
