/* The features "go-v1" and "go-v2". Networks were trained on them, so their layout must never change: planes are compared
 * point by point with what the game's other functions report, global features with values worked out by hand. */

#include <criterion/criterion.h>

#include "games/game.h"
#include "games/go/go.h"
#include "tests/games/common.h"
#include "tests/games/go/slow_eye.h"

enum { PLANES = 20, GLOBALS = 14 };
/* Planes of go-v1. */
enum { OWN, OTHER, OWN_1, OTHER_1 = OWN_1 + 3, LEGAL = OTHER_1 + 3, FORBIDDEN, AFTER_1, RECENT = AFTER_1 + 2 };
enum { OWN_ALIVE = RECENT + 5, OTHER_ALIVE, ONES };
/* Global features of go-v1. */
enum { KOMI, WAVE, SUICIDE, SIMPLE, POSITIONAL, SITUATIONAL, TERRITORY };
enum { PASS_ENDS = TERRITORY + 1, PASSES, KO_ON, PROGRESS, NEAR_CAP, SIZE, WHITE };

/* ---- planes ---- */

/* Liberties, at most 3, of the chain that a legal move makes; 0 where it is a suicide. */
static int liberties_after(const struct game *game, const struct position *position, game_move move)
{
    union any_position after;
    game_copy(game, &after.p, position);
    game_play(game, &after.p, NULL, move);
    return MIN(go_liberties(game, &after.p, move), 3);
}

/* The planes of point p, as bits. */
static uint32_t planes_of_point(const struct game *game, const struct position *position, const struct history *history,
                                const int8_t *alive, int p)
{
    int there = game->ops->stone(game, position, p), own = position->colour,
        liberties = go_liberties(game, position, p);
    int holder = alive[p] > 0 ? GAME_BLACK : alive[p] < 0 ? GAME_WHITE : GAME_EMPTY;
    uint32_t bits = 1u << ONES;
    if (there == own)
        bits |= 1u << OWN | (liberties <= 3 ? 1u << (OWN_1 + liberties - 1) : 0);
    else if (there != GAME_EMPTY)
        bits |= 1u << OTHER | (liberties <= 3 ? 1u << (OTHER_1 + liberties - 1) : 0);
    else if (!game->ops->legal(game, position, history, (game_move)p))
        bits |= 1u << FORBIDDEN;
    else {
        int after = liberties_after(game, position, (game_move)p);
        bits |= 1u << LEGAL | (after == 1 || after == 2 ? 1u << (AFTER_1 + after - 1) : 0);
    }
    for (int i = 0; i < 5; i++)
        bits |= position->recent[i] == p ? 1u << (RECENT + i) : 0;
    return bits | (holder == own ? 1u << OWN_ALIVE : holder != GAME_EMPTY ? 1u << OTHER_ALIVE : 0);
}

static void compare_planes(const struct game *game, const struct position *position, const struct history *history,
                           int symmetry, uint32_t *met)
{
    static float planes[GAME_MAX_PLANES * GAME_MAX_POINTS];
    float globals[GAME_MAX_GLOBALS];
    int8_t alive[GAME_MAX_POINTS];
    go_pass_alive(game, position, alive);
    game_encode(game, game_features_find(game, "go-v1"), position, history, symmetry, planes, globals);
    for (int p = 0; p < game->points; p++) {
        uint32_t wanted = planes_of_point(game, position, history, alive, p);
        *met |= wanted;
        for (int plane = 0; plane < PLANES; plane++)
            cr_assert_eq(planes[plane * game->points + game_symmetry_point(game, symmetry, p)],
                         (float)(wanted >> plane & 1), "size %d, ply %d, plane %d, point %d", game->width,
                         position->ply, plane, p);
    }
}

/* Random moves that mostly spare the mover's own eyes, so that groups live, and an occasional pass. */
static void compare_games(const char *spec, int games, int every, struct rng *rng)
{
    struct game game = parse(spec);
    struct history history;
    uint32_t met = 0;
    history_init(&history, game.max_plies);
    for (int i = 0; i < games; i++) {
        union any_position at;
        history_truncate(&history, 0);
        game_init(&game, &at.p);
        while (!game_over(&at.p)) {
            if (at.p.ply % every == 0)
                compare_planes(&game, &at.p, &history, at.p.ply / every % 8, &met);
            game_move move = random_move(&game, &at.p, &history, rng);
            if (move != game.pass && slow_eye(&game, &at.p, move) && rng_below(rng, 8))
                move = game.pass;
            game_play(&game, &at.p, &history, move);
        }
        compare_planes(&game, &at.p, &history, i % 8, &met);
    }
    cr_expect_eq(met, (1u << PLANES) - 1, "%s: planes covered: %x", spec, met);
    history_clear(&history);
}

/* Boards of each class of go_bits: up to 9x9, up to 14x14, larger. */
Test(go_features, planes_agree_with_the_game)
{
    struct rng rng;
    rng_seed(&rng, 4);
    compare_games("go:4,cap=120,passes=4", 40, 1, &rng);
    compare_games("go:5,cap=150,suicide=no,ko=situational,passes=4", 20, 1, &rng);
    compare_games("go:9,cap=250,passes=4", 4, 3, &rng);
    compare_games("go:10,cap=300,passes=4,suicide=no", 3, 7, &rng);
    compare_games("go:14,cap=500,passes=4,ko=simple", 2, 21, &rng);
    compare_games("go:15,cap=560,passes=4", 2, 31, &rng);
    compare_games("go:19,cap=900,passes=4,suicide=no", 2, 61, &rng);
}

/* White captured with C3, so that B3 is a ko for black; the last five moves are encoded. */
Test(go_features, a_board_by_hand)
{
    struct game game = parse("go:5,ko=simple,suicide=no,komi=7");
    union any_position position;
    float planes[PLANES * 25], globals[GAME_MAX_GLOBALS];
    draw(&game, &position, ". . . . .\n. O X . .\nO X . X .\n. O X . .\n. . . . .", GAME_WHITE);
    play(&game, &position, NULL, "C3");
    game_encode(&game, game_features_find(&game, "go-v1"), &position.p, NULL, 0, planes, globals);
    static const char *const wanted[PLANES] = {
        [OWN] = "..... ..1.. ...1. ..1.. .....",         [OTHER] = "..... .1... 1.1.. .1... .....",
        [OWN_1] = "..... ..... ..... ..... .....",       [OWN_1 + 1] = "..... ..1.. ..... ..1.. .....",
        [OWN_1 + 2] = "..... ..... ...1. ..... .....",   [OTHER_1] = "..... ..... ..1.. ..... .....",
        [OTHER_1 + 1] = "..... ..... ..... ..... .....", [OTHER_1 + 2] = "..... .1... 1.... .1... .....",
        [LEGAL] = "11111 1..11 ....1 1..11 11111",       [FORBIDDEN] = "..... ..... .1... ..... .....",
        [AFTER_1] = "..... 1.... ..... 1.... .....",     [AFTER_1 + 1] = "11..1 ..... ..... ..... 11..1",
        [RECENT] = "..... ..... ..1.. ..... .....",      [ONES] = "11111 11111 11111 11111 11111",
    };
    for (int plane = 0; plane < PLANES; plane++)
        for (int p = 0; p < 25; p++) {
            char mark = wanted[plane] ? wanted[plane][p + p / 5] : '.';
            cr_expect_eq(planes[plane * 25 + p], mark == '1' ? 1.0f : 0.0f, "plane %d, point %d", plane, p);
        }
    const struct game_features *v1 = game_features_find(&game, "go-v1"), *v2 = game_features_newest(&game);
    cr_expect(v1->planes == PLANES && v1->globals == GLOBALS && !v1->extends);
    cr_expect_str_eq(v2->name, "go-v2");
    cr_expect(v2->planes == PLANES && v2->globals == GLOBALS + 4 && v2->extends == v1);
}

/* Liberties after a move include those gained by a capture; a finished game has no legal move. */
Test(go_features, captures_and_the_end)
{
    struct game game = parse("go:5,suicide=no");
    union any_position position;
    float planes[PLANES * 25], globals[GAME_MAX_GLOBALS];
    const int a1 = at(&game, "A1");
    draw(&game, &position, ". . . . .\n. . . . .\nX . . . .\nO X . . .\n. O X . .", GAME_BLACK);
    game_encode(&game, game_features_newest(&game), &position.p, NULL, 0, planes, globals);
    cr_expect(planes[(AFTER_1 + 1) * 25 + a1] == 1.0f && planes[AFTER_1 * 25 + a1] == 0.0f);
    draw(&game, &position, ". . . . .\n. . . . .\nX . . . .\nO X . . .\n. O X . .", GAME_WHITE);
    game_encode(&game, game_features_newest(&game), &position.p, NULL, 0, planes, globals);
    cr_expect(planes[FORBIDDEN * 25 + a1] == 1.0f && planes[LEGAL * 25 + a1] == 0.0f, "suicide");
    play(&game, &position, NULL, "pass pass");
    game_encode(&game, game_features_newest(&game), &position.p, NULL, 0, planes, globals);
    for (int p = 0; p < 25; p++)
        cr_expect(planes[LEGAL * 25 + p] == 0.0f);
}

/* ---- global features ---- */

struct wanted_globals {
    const char *spec, *moves; /* ".": none */
    float komi, wave;
    const char *set; /* numbers that are 1: S suicide, 0 1 2 ko rule, T territory, E pass ends, P passed, W white */
};

static void expect_globals(const struct wanted_globals *wanted)
{
    static const char letters[] = "S012TEP";
    struct game game = parse(wanted->spec);
    union any_position position;
    static float planes[GAME_MAX_PLANES * GAME_MAX_POINTS];
    float globals[GAME_MAX_GLOBALS];
    game_init(&game, &position.p);
    if (wanted->moves[0] != '.')
        play(&game, &position, NULL, wanted->moves);
    game_encode(&game, game_features_newest(&game), &position.p, NULL, 0, planes, globals);
    cr_expect_float_eq(globals[KOMI], wanted->komi, 1e-6, "%s, %s: komi %g", wanted->spec, wanted->moves,
                       (double)globals[KOMI]);
    cr_expect_eq(globals[WAVE], wanted->wave, "%s, %s: wave %g", wanted->spec, wanted->moves, (double)globals[WAVE]);
    for (int i = 0; letters[i]; i++)
        cr_expect_eq(globals[SUICIDE + i], strchr(wanted->set, letters[i]) ? 1.0f : 0.0f, "%s, %s: %c is %g",
                     wanted->spec, wanted->moves, letters[i], (double)globals[SUICIDE + i]);
    cr_expect_eq(globals[WHITE], strchr(wanted->set, 'W') ? 1.0f : 0.0f, "%s, %s", wanted->spec, wanted->moves);
    cr_expect_eq(globals[KO_ON], 0.0f);
    cr_expect_float_eq(globals[SIZE], (game.width - 9) / 10.0, 1e-6);
}

/* Komi is from the view of the side to move, in points / 15, clamped to 6. Odd komi can draw on an odd number of
 * points, even komi on an even number: the wave is 0 there and half-way between, +1/2 half a point above a komi that
 * can draw and -1/2 half a point below one, again from the view of the side to move. */
Test(go_features, komi_and_rules)
{
    static const struct wanted_globals cases[] = {
        {"go:9,komi=7", ".", -7.0f / 15, 0.0f, "S1"},
        {"go:9,komi=7", "A1", 7.0f / 15, 0.0f, "S1W"},
        {"go:9,komi=7.5", ".", -0.5f, -0.5f, "S1"},
        {"go:9,komi=7.5", "A1", 0.5f, 0.5f, "S1W"},
        {"go:9,komi=6.5", ".", -6.5f / 15, 0.5f, "S1"},
        {"go:9,komi=6.5", "A1", 6.5f / 15, -0.5f, "S1W"},
        {"go:9,komi=8", "A1", 8.0f / 15, 0.0f, "S1W"},
        {"go:9,komi=-2.5", "A1", -2.5f / 15, 0.5f, "S1W"},
        {"go:8,komi=6.5", "A1", 6.5f / 15, 0.5f, "S1W"},
        {"go:8,komi=7.5", "A1", 0.5f, -0.5f, "S1W"},
        {"go:2,komi=90", "A1", 6.0f, 0.0f, "S1W"},
        {"go:2,komi=89.5", ".", -89.5f / 15, 0.5f, "S1"},
        {"go:19,komi=999.5", "A1", 6.0f, 0.5f, "S1W"},
        {"go:19,komi=999.5", ".", -6.0f, -0.5f, "S1"},
        {"go:9,komi=0.5,rules=chinese,handicap=4", ".", 0.3f, -0.5f, "1W"},
        {"go:9,komi=0.5,rules=aga,handicap=4", ".", 3.5f / 15, 0.5f, "2W"},
        {"go:9,komi=7,rules=japanese", ".", -7.0f / 15, 0.0f, "0T"},
        {"go:9,komi=7,rules=japanese,suicide=yes,scoring=area", ".", -7.0f / 15, 0.0f, "S0"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        expect_globals(&cases[i]);
}

/* A pass ends the game if it completes the number of consecutive passes that the rules require and, under rules that
 * demand it (AGA), is white's. */
Test(go_features, passes)
{
    static const struct wanted_globals cases[] = {
        {"go:9,komi=7", "pass", 7.0f / 15, 0.0f, "S1EPW"},
        {"go:9,komi=7", "pass A1", -7.0f / 15, 0.0f, "S1"},
        {"go:9,komi=7,passes=3", "pass", 7.0f / 15, 0.0f, "S1PW"},
        {"go:9,komi=7,passes=3", "pass pass", -7.0f / 15, 0.0f, "S1EP"},
        {"go:9,komi=7,rules=aga", "pass", 7.0f / 15, 0.0f, "2EPW"},
        {"go:9,komi=7,rules=aga", "A1 pass", -7.0f / 15, 0.0f, "2P"},
        {"go:9,komi=7,rules=aga", "A1 pass pass", 7.0f / 15, 0.0f, "2EPW"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        expect_globals(&cases[i]);
    struct game game = parse("go:5,ko=simple");
    union any_position position;
    float planes[PLANES * 25], globals[GAME_MAX_GLOBALS];
    draw(&game, &position, ". . . . .\n. O X . .\nO X . X .\n. O X . .\n. . . . .", GAME_WHITE);
    play(&game, &position, NULL, "C3");
    game_encode(&game, game_features_newest(&game), &position.p, NULL, 0, planes, globals);
    cr_expect_eq(globals[KO_ON], 1.0f);
}

/* Progress: plies divided by twice the points; and how near the length cap is, in multiples of the points. */
Test(go_features, near_the_end)
{
    struct game game = parse("go:5,cap=40");
    union any_position position;
    float planes[PLANES * 25], globals[GAME_MAX_GLOBALS];
    static const float wanted[][3] = {{0, 0, 0},        {10, 0.2f, 0},    {15, 0.3f, 0},
                                      {20, 0.4f, 0.2f}, {30, 0.6f, 0.6f}, {40, 0.8f, 1}};
    for (size_t i = 0; i < G_N_ELEMENTS(wanted); i++) {
        game_init(&game, &position.p);
        position.p.ply = (uint16_t)wanted[i][0];
        game_encode(&game, game_features_newest(&game), &position.p, NULL, 0, planes, globals);
        cr_expect_float_eq(globals[PROGRESS], wanted[i][1], 1e-6, "ply %d: %g", position.p.ply, globals[PROGRESS]);
        cr_expect_float_eq(globals[NEAR_CAP], wanted[i][2], 1e-6, "ply %d: %g", position.p.ply, globals[NEAR_CAP]);
    }
    game = parse("go:5,cap=100");
    game_init(&game, &position.p);
    for (int ply = 49; ply <= 60; ply += 1) {
        position.p.ply = (uint16_t)ply;
        game_encode(&game, game_features_newest(&game), &position.p, NULL, 0, planes, globals);
        cr_expect_float_eq(globals[PROGRESS], MIN(ply / 50.0, 1.0), 1e-6, "ply %d", ply);
    }
}

/* ---- go-v2 ---- */

enum { PAID_PASSES = GLOBALS, CLEANUP, CLEANUP_FIRST, PRISONERS };

static void encode_v2(const struct game *game, const union any_position *position, float globals[GAME_MAX_GLOBALS])
{
    static float planes[PLANES * GAME_MAX_POINTS];
    game_encode(game, game_features_find(game, "go-v2"), &position->p, NULL, 0, planes, globals);
}

/* With area scoring the numbers of go-v1 are unchanged, and prisoners count for nothing. */
Test(go_features, v2_by_area)
{
    struct game game = parse("go:5,komi=6.5");
    union any_position position;
    float globals[GAME_MAX_GLOBALS], before[GAME_MAX_GLOBALS];
    draw(&game, &position, ". X . . .\nX O . . .\n. X . . .\n. . . . .\n. . . . .", GAME_BLACK);
    play(&game, &position, NULL, "C4");
    static float planes[PLANES * 25];
    game_encode(&game, game_features_find(&game, "go-v1"), &position.p, NULL, 0, planes, before);
    encode_v2(&game, &position, globals);
    for (int i = 0; i < GLOBALS; i++)
        cr_expect_eq(globals[i], before[i], "%d", i);
    cr_expect(globals[PAID_PASSES] == 0 && globals[CLEANUP] == 0 && globals[PRISONERS] == 0);
    struct game aga = parse("go:5,rules=aga");
    game_init(&aga, &position.p);
    encode_v2(&aga, &position, globals);
    cr_expect(globals[PAID_PASSES] == 1 && globals[CLEANUP] == 0);
}

/* With territory scoring a prisoner is worth a point of komi to the mover, and komi has no parity. */
Test(go_features, v2_by_territory)
{
    struct game game = parse("go:5,rules=japanese,komi=6.5,cleanup=yes");
    union any_position position;
    float globals[GAME_MAX_GLOBALS];
    draw(&game, &position, ". X . . .\nX O . . .\n. X . . .\n. . . . .\n. . . . .", GAME_BLACK);
    encode_v2(&game, &position, globals);
    cr_expect_float_eq(globals[KOMI], -6.5f / 15, 1e-6f);
    cr_expect(globals[PRISONERS] == 0 && globals[WAVE] == 0);
    play(&game, &position, NULL, "C4");
    encode_v2(&game, &position, globals);
    cr_expect_float_eq(globals[KOMI], 5.5f / 15, 1e-6f, "white's, who has lost a stone");
    cr_expect_float_eq(globals[PRISONERS], -1.0f / 15, 1e-6f);
    cr_expect(globals[PAID_PASSES] == 0 && globals[CLEANUP] == 0);
    play(&game, &position, NULL, "pass pass");
    encode_v2(&game, &position, globals);
    cr_expect(globals[PAID_PASSES] == 1 && globals[CLEANUP] == 1 && globals[PASSES] == 0);
    cr_expect_eq(globals[CLEANUP_FIRST], 1);
    play(&game, &position, NULL, "pass");
    encode_v2(&game, &position, globals);
    cr_expect_float_eq(globals[PRISONERS], 2.0f / 15, 1e-6f, "black's: one captured, one paid");
    cr_expect(globals[PASS_ENDS] == 1 && globals[CLEANUP_FIRST] == 0);
}

/* What a final position's owners add up to with what the globals add, for the side to move. */
static float margin_of(const struct game *game, const union any_position *position)
{
    static float planes[PLANES * GAME_MAX_POINTS];
    const struct game_features *features = game_features_find(game, "go-v2");
    float globals[GAME_MAX_GLOBALS], margin = 0;
    int8_t map[GAME_MAX_POINTS];
    game->ops->final_map(game, &position->p, map);
    game_encode(game, features, &position->p, NULL, 0, planes, globals);
    for (int i = 0; i < game->points; i++)
        margin += (float)(position->p.colour == GAME_BLACK ? map[i] : -map[i]);
    for (int i = 0; i < features->globals; i++)
        margin += features->margin[i] * globals[i];
    return margin;
}

static void expect_margin_by_area(const char *spec, uint64_t seed)
{
    struct game game = parse(spec);
    union any_position position;
    struct rng rng;
    rng_seed(&rng, seed);
    game_init(&game, &position.p);
    while (!game_over(&position.p)) {
        game_move moves[GAME_MAX_MOVES];
        const int count = game.ops->legal_moves(&game, &position.p, NULL, moves);
        game_play(&game, &position.p, NULL, moves[rng_below(&rng, (uint32_t)count)]);
    }
    const float margin = game_result(&game, &position.p).margin;
    cr_expect_float_eq(margin_of(&game, &position), position.p.colour == GAME_BLACK ? margin : -margin, 1e-4f, "%s, %d", spec,
                       (int)seed);
}

/* At the end of a game they are the margin. */
Test(go_features, margin_by_area)
{
    for (uint64_t seed = 1; seed <= 40; seed++) {
        expect_margin_by_area("go:5,komi=6.5", seed);
        expect_margin_by_area("go:7,komi=-3,rules=chinese", seed);
        expect_margin_by_area("go:7,komi=7,rules=aga", seed);
    }
}

/* By territory scoring a move in one's own territory costs a point, which they do not see; prisoners count once. */
Test(go_features, margin_by_territory)
{
    struct game game = parse("go:7,rules=japanese,komi=6.5,cleanup=yes");
    union any_position position;
    draw(&game, &position,
         ". . X . O . .\n. . X . O . .\n. . X . O . .\nX X X . O O O\n. . X . O . .\n. . X . O . .\n. . X . O . .", GAME_WHITE);
    play(&game, &position, NULL, "A7 A6 A1 B7 pass A2 pass B1"); /* two white stones are captured: four moves against two */
    play(&game, &position, NULL, "pass pass pass pass");
    cr_assert(game_over(&position.p) && position.p.colour == GAME_WHITE);
    cr_expect_float_eq(game_result(&game, &position.p).margin, -8.5f, 1e-4f); /* territory 8 and 2 prisoners, 12 and komi */
    cr_expect_float_eq(margin_of(&game, &position), 8.5f - 2, 1e-4f);
}
