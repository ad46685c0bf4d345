/* What must not change from one version to the next, along random games of every kind: hashes and the order of moves,
 * on which seeded searches, caches and `bench --signature` depend, and the values of the feature sets, on which
 * networks were trained. A feature set is never changed: a new one gets a name of its own. Hashes may change on
 * purpose; then the signature changes as well, and the commit message says so. */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <math.h>

#include "games/game.h"
#include "tests/games/common.h"

static uint64_t add(uint64_t sum, uint64_t x)
{
    return rng_mix(sum ^ x);
}

static uint64_t add_features(uint64_t sum, const struct game *game, const struct game_features *features,
                             const struct position *position, const struct history *history)
{
    static float planes[GAME_MAX_PLANES * GAME_MAX_POINTS];
    float globals[GAME_MAX_GLOBALS];
    game_encode(game, features, position, history, 0, planes, globals);
    for (int i = 0; i < features->planes * game->points; i++)
        if (planes[i] != 0)
            sum = add(sum, (uint64_t)i << 8 | (uint64_t)(planes[i] * 100));
    for (int i = 0; i < features->globals; i++)
        sum = add(sum, (uint64_t)(int64_t)lrint((double)globals[i] * 10000));
    return sum;
}

struct fingerprint {
    const char *spec;
    uint64_t hashes, features; /* of the game's first feature set, unless they are named */
};

static const struct game_features *first_features(const struct game *game)
{
    int last = 0;
    while (game->ops->features[last + 1])
        last++;
    return game->ops->features[last];
}

/* name: of the feature set; NULL: the first. */
static void compare(const struct fingerprint *known, const char *name)
{
    struct game game = parse(known->spec);
    const struct game_features *set = name ? game_features_find(&game, name) : first_features(&game);
    cr_assert_not_null(set);
    union any_position at;
    struct history history;
    struct rng rng;
    uint64_t hashes = 0, features = 0;
    rng_seed(&rng, 1);
    history_init(&history, game.max_plies);
    game_init(&game, &at.p);
    for (;;) {
        game_move moves[GAME_MAX_MOVES];
        int count = game.ops->legal_moves(&game, &at.p, &history, moves);
        hashes = add(add(hashes, at.p.hash), at.p.stones_hash);
        for (int i = 0; i < count; i++)
            hashes = add(hashes, moves[i]);
        if (at.p.ply % 4 == 0 || count == 0)
            features = add_features(features, &game, set, &at.p, &history);
        if (count == 0)
            break;
        game_play(&game, &at.p, &history, moves[rng_below(&rng, (uint32_t)count)]);
    }
    cr_expect_eq(hashes, known->hashes, "%s: hashes or moves are 0x%" PRIx64, known->spec, hashes);
    cr_expect_eq(features, known->features, "%s: features are 0x%" PRIx64, known->spec, features);
    history_clear(&history);
}

Test(fingerprint, hashes_moves_and_features)
{
    static const struct fingerprint known[] = {
        {"go:2", 0xd6ee41942cb31857u, 0x5ebd347b22154d39u},
        {"go:3,cap=300", 0x8dac1aa9b23033e2u, 0x628893ecc5f072ceu},
        {"go:5", 0x5cad781e7be03232u, 0xe6e41434b675eeaau},
        {"go:7,rules=japanese,komi=6.5", 0xb826a222ad916d49u, 0x26b14c9598922caeu},
        {"go:9,komi=7", 0x2c22fad5eaf8076fu, 0x5bca9fee9caab7f7u},
        {"go:9,rules=aga,handicap=3,komi=0.5", 0xc97f3635998e54b6u, 0xb96cec2a2145cc15u},
        {"go:13,rules=chinese", 0xc8b08fbaf3570990u, 0xacf12c7175e79db4u},
        {"go:19,cap=400", 0xf7e05b9551afa656u, 0x955c54d220731c26u},
        {"gomoku:3,line=3", 0x815bd6d593631fdfu, 0xf0195a0a00596bcbu},
        {"gomoku:15", 0xf85e36e96ad672aau, 0x12ad66986e4e479au},
        {"gomoku:20,rules=standard", 0x3a9ab3e8796af773u, 0x2d0fdd9ee8609a67u},
        {"gomoku:11,rules=renju", 0x98efd7b3f2b8100u, 0x4748d6ad2c3ee89cu},
        {"gomoku:15,rules=caro", 0xf85e36e96ad672aau, 0xe8570346662bf56cu},
        {"gomoku:9,line=6,rules=caro-exact", 0x93ab58b1ed28c925u, 0x46ade06ceaf04b86u},
        {"gomoku:15,opening=pro", 0xd5eedffa2cdfa5a8u, 0xf2602a2a723f1ed3u},
        {"gomoku:15,opening=longpro", 0x7dfa1fbe1bd9407bu, 0x57ef5213885e8182u},
        {"gomoku:15,opening=swap", 0xeccf67ddb0ea8b4eu, 0xee19f3c2f11184c6u},
        {"gomoku:15,opening=swap2", 0xc77c515f8e05a10u, 0xee19f3c2f11184c6u},
        {"reversi:4", 0x3dd27f79b4551079u, 0xe4cc7ce9b2451278u},
        {"reversi:6", 0x1b266c4325df733cu, 0x96cca89f7b6e4863u},
        {"reversi:8", 0xfd15c260f09d52e8u, 0x96cce9f676997459u},
        {"connect4:7x6", 0x20b8a63923f6e4b7u, 0x8dadce30be98c714u},
        {"connect4:5x7", 0x991ef4116800fc45u, 0xd2072eb6ac20b83au},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(known); i++)
        compare(&known[i], NULL);
}

Test(fingerprint, go_v2)
{
    static const struct fingerprint known[] = {
        {"go:9,komi=7", 0x2c22fad5eaf8076fu, 0x1ca41ede3d89f650u},
        {"go:9,rules=aga,handicap=3,komi=0.5", 0xc97f3635998e54b6u, 0x80b745067f2311bdu},
        {"go:7,rules=japanese,komi=6.5", 0xb826a222ad916d49u, 0xab2587eb85a08929u},
        {"go:7,rules=japanese,komi=6.5,cleanup=yes", 0x18d319e30b36713cu, 0xb137ec3a361da390u},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(known); i++)
        compare(&known[i], "go-v2");
}
