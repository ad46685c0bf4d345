/* The suite that every game must pass, over a list of specs: random games in which every operation is checked against
 * the others. A new game only adds its specs. */
#include "games/game.h"

#include <criterion/parameterized.h>
#include <math.h>
#include <stdlib.h>

#include "tests/games/specs.h"

/* A game in progress, and what else the tests need. */
struct play {
    struct game game;
    union any_position now, other;
    struct history history;
    struct rng rng;
    game_move moves[GAME_MAX_MOVES];
    int count;
};

static void start(struct play *play, const char *spec, uint64_t seed)
{
    GError *error = NULL;
    cr_assert(game_parse(&play->game, spec, &error), "%s", error ? error->message : "");
    history_init(&play->history, 0);
    rng_seed(&play->rng, seed);
    game_init(&play->game, &play->now.p);
}

static game_move draw(struct play *play)
{
    play->count = play->game.ops->legal_moves(&play->game, &play->now.p, &play->history, play->moves);
    cr_assert(play->count > 0, "ply %d: not over, but there is no legal move", play->now.p.ply);
    return play->moves[rng_below(&play->rng, (uint32_t)play->count)];
}

static void expect_consistent(const struct play *play, const struct position *position)
{
    const char *wrong = play->game.ops->check(&play->game, position);
    cr_assert(!wrong, "ply %d: %s", position->ply, wrong);
}

/* legal_moves is ascending and says the same as legal, for every move number. */
static void check_legality(struct play *play)
{
    int next = 0;
    for (int move = 0; move < play->game.moves; move++) {
        bool listed = next < play->count && play->moves[next] == move;
        bool is_legal = play->game.ops->legal(&play->game, &play->now.p, &play->history, (game_move)move);
        cr_assert_eq(listed, is_legal, "ply %d: move %d is %s but %s", play->now.p.ply, move,
                     listed ? "listed" : "not listed", is_legal ? "legal" : "illegal");
        next += listed;
    }
    cr_assert_eq(next, play->count, "legal_moves is not ascending");
}

static void check_keeps_some(struct play *play, void (*drop)(const struct game *, const struct position *, uint8_t *))
{
    uint8_t keep[GAME_MAX_MOVES];
    int left = 0;
    if (!drop)
        return;
    memset(keep, 1, sizeof keep);
    drop(&play->game, &play->now.p, keep);
    for (int i = 0; i < play->count; i++)
        left += keep[play->moves[i]] != 0;
    cr_assert(left > 0, "ply %d: every legal move was pruned", play->now.p.ply);
}

/* Every move on a point can be chosen by choosing its point, and no point stands for another kind of move. */
static void check_points(struct play *play)
{
    for (int i = 0; i < play->count; i++)
        if (play->moves[i] < play->game.points)
            cr_assert_eq(game_point_move(&play->game, &play->now.p, play->moves[i]), play->moves[i]);
    for (int p = 0; p < play->game.points; p++)
        cr_assert_lt(game_point_move(&play->game, &play->now.p, p), play->game.points);
}

/* Illegal moves change nothing. */
static void check_refusal(struct play *play)
{
    game_move move = (game_move)rng_below(&play->rng, play->game.moves);
    if (play->game.ops->legal(&play->game, &play->now.p, &play->history, move))
        move = play->game.moves;
    int count = play->history.count;
    memcpy(&play->other, &play->now, play->game.position_bytes);
    cr_assert(!game_try(&play->game, &play->now.p, &play->history, move));
    cr_assert_arr_eq(&play->other, &play->now, play->game.position_bytes);
    cr_assert_eq(play->history.count, count);
}

static void check_over(struct play *play)
{
    struct game_result result = game_result(&play->game, &play->now.p);
    cr_assert(result.over);
    cr_assert_eq(result.outcome, play->now.p.outcome);
    cr_assert_eq(play->game.ops->legal_moves(&play->game, &play->now.p, &play->history, play->moves), 0);
    for (int move = 0; move < play->game.moves; move++)
        cr_assert(!play->game.ops->legal(&play->game, &play->now.p, &play->history, (game_move)move));
    cr_assert_leq(play->now.p.ply, play->game.max_plies);
    cr_assert(play->game.has_draws || result.outcome != GAME_DRAWN);
    if (play->game.has_score)
        cr_assert_eq(result.outcome, result.margin > 0 ? GAME_WON_0 : result.margin < 0 ? GAME_WON_1 : GAME_DRAWN);
    cr_assert_eq(game_result_sign(&result, 0), -game_result_sign(&result, 1));
}

ParameterizedTestParameters(conformance, random_games)
{
    return cr_make_param_array(struct spec, specs, sizeof specs / sizeof *specs);
}
ParameterizedTest(struct spec *spec, conformance, random_games)
{
    for (uint64_t seed = 0; seed < 4; seed++) {
        struct play play;
        start(&play, spec->text, seed);
        expect_consistent(&play, &play.now.p);
        cr_assert(play.game.ops->unused_percent >= 0 && play.game.ops->unused_percent < 100);
        while (!game_over(&play.now.p)) {
            struct position before = play.now.p;
            game_move move = draw(&play);
            check_legality(&play);
            check_keeps_some(&play, play.game.ops->prune);
            check_keeps_some(&play, play.game.ops->forced);
            check_points(&play);
            check_refusal(&play);
            cr_assert(!game_result(&play.game, &play.now.p).over);
            cr_assert_gt(game_plies_left(&play.game, &play.now.p), 0);
            cr_assert(game_try(&play.game, &play.now.p, &play.history, move));
            expect_consistent(&play, &play.now.p);
            cr_assert_eq(play.now.p.ply, before.ply + 1);
            cr_assert_eq(play.now.p.recent[0], move);
            cr_assert_eq(play.now.p.recent[1], before.recent[0]);
            cr_assert_eq(play.history.count, play.now.p.ply);
            cr_assert_eq(play.history.entries[before.ply].stones_hash, before.stones_hash);
        }
        check_over(&play);
        history_clear(&play.history);
    }
}

/* A copy plays on as its original; a replay of the moves gives the same bytes at every ply; undo by copy works. */
ParameterizedTestParameters(conformance, copy_and_replay)
{
    return cr_make_param_array(struct spec, specs, sizeof specs / sizeof *specs);
}
ParameterizedTest(struct spec *spec, conformance, copy_and_replay)
{
    struct play play;
    start(&play, spec->text, 99);
    uint32_t bytes = play.game.position_bytes;
    unsigned char *past = malloc((size_t)bytes * (play.game.max_plies + 1u));
    game_move *moves = malloc(sizeof *moves * (play.game.max_plies + 1u));
    int plies = 0;
    while (!game_over(&play.now.p)) {
        memcpy(past + (size_t)plies * bytes, &play.now, bytes);
        game_move move = draw(&play);
        game_copy(&play.game, &play.other.p, &play.now.p);
        game_play(&play.game, &play.other.p, NULL, move); /* the copy is discarded */
        moves[plies++] = move;
        game_play(&play.game, &play.now.p, &play.history, move);
        cr_assert_arr_eq(&play.other, &play.now, bytes, "the copy differs at ply %d", plies);
    }
    uint64_t last = play.now.p.hash;
    game_init(&play.game, &play.now.p);
    history_truncate(&play.history, 0);
    for (int i = 0; i < plies; i++) {
        cr_assert_arr_eq(past + (size_t)i * bytes, &play.now, bytes, "the replay differs at ply %d", i);
        cr_assert(game_try(&play.game, &play.now.p, &play.history, moves[i]));
    }
    cr_assert_eq(play.now.p.hash, last);
    history_clear(&play.history);
    free(past);
    free(moves);
}

/* Positions of random games that differ in stones, side to move or phase have different hashes; stones alone decide
 * stones_hash. */
struct met {
    struct position position;
    uint8_t stones[GAME_MAX_POINTS];
};
static int by_hash(const void *a, const void *b)
{
    const struct met *x = a, *y = b;
    return x->position.hash < y->position.hash ? -1 : x->position.hash > y->position.hash;
}
static int by_stones_hash(const void *a, const void *b)
{
    const struct met *x = a, *y = b;
    return x->position.stones_hash < y->position.stones_hash ? -1 : x->position.stones_hash > y->position.stones_hash;
}
static void compare_met(struct met *met, int count)
{
    qsort(met, (size_t)count, sizeof *met, by_hash);
    for (int i = 1; i < count; i++)
        if (met[i].position.hash == met[i - 1].position.hash) {
            const struct position *a = &met[i].position, *b = &met[i - 1].position;
            cr_assert_arr_eq(met[i].stones, met[i - 1].stones, sizeof met[i].stones);
            cr_assert(a->stones_hash == b->stones_hash && a->colour == b->colour && a->player == b->player &&
                      a->black_player == b->black_player && a->phase == b->phase);
        }
    qsort(met, (size_t)count, sizeof *met, by_stones_hash);
    for (int i = 1; i < count; i++)
        cr_assert_eq(met[i].position.stones_hash == met[i - 1].position.stones_hash,
                     memcmp(met[i].stones, met[i - 1].stones, sizeof met[i].stones) == 0);
}
ParameterizedTestParameters(conformance, hashes_tell_apart)
{
    return cr_make_param_array(struct spec, specs, sizeof specs / sizeof *specs);
}
ParameterizedTest(struct spec *spec, conformance, hashes_tell_apart)
{
    enum { MOST = 2000 };
    struct play play;
    start(&play, spec->text, 5);
    struct met *met = calloc(MOST, sizeof *met);
    for (int count = 0; count < MOST; count++) {
        if (game_over(&play.now.p)) {
            game_init(&play.game, &play.now.p);
            history_truncate(&play.history, 0);
        }
        game_play(&play.game, &play.now.p, &play.history, draw(&play));
        met[count].position = play.now.p;
        for (int p = 0; p < play.game.points; p++)
            met[count].stones[p] = (uint8_t)play.game.ops->stone(&play.game, &play.now.p, p);
    }
    compare_met(met, MOST);
    history_clear(&play.history);
    free(met);
}

/* The same game under each symmetry that the game declares: legality, result and features are the same, transformed. */
static void encode_both(const struct play *play, const struct play *turned, int symmetry)
{
    const struct game_features *features = game_features_newest(&play->game);
    size_t n = (size_t)features->planes * play->game.points;
    float *a = malloc(n * sizeof *a), *b = malloc(n * sizeof *b), ga[GAME_MAX_GLOBALS], gb[GAME_MAX_GLOBALS];
    cr_assert(features->planes <= GAME_MAX_PLANES && features->globals <= GAME_MAX_GLOBALS);
    for (size_t i = 0; i < n; i++)
        a[i] = b[i] = -77.0f; /* every number must be written */
    game_encode(&play->game, features, &play->now.p, &play->history, symmetry, a, ga);
    game_encode(&turned->game, features, &turned->now.p, &turned->history, 0, b, gb);
    for (size_t i = 0; i < n; i++) {
        cr_assert(a[i] >= 0.0f && a[i] <= 1.0f, "plane %zu holds %g", i / play->game.points, (double)a[i]);
        cr_assert(a[i] == b[i], "ply %d: plane %zu, point %zu differs under symmetry %d", play->now.p.ply,
                  i / play->game.points, i % play->game.points, symmetry);
    }
    for (int i = 0; i < features->globals; i++) {
        cr_assert(isfinite(ga[i]) && fabsf(ga[i]) <= 100.0f);
        cr_assert(ga[i] == gb[i]);
    }
    free(a);
    free(b);
}
/* An initial position that is not symmetric is transformed like any other, and both games begin from set-up boards. */
static void turn_start(struct play *play, struct play *turned, int symmetry)
{
    const struct game *game = &play->game;
    uint8_t stones[GAME_MAX_POINTS], other[GAME_MAX_POINTS];
    for (int p = 0; p < game->points; p++)
        other[game_symmetry_point(game, symmetry, p)] = stones[p] = (uint8_t)game->ops->stone(game, &play->now.p, p);
    enum game_colour colour = (enum game_colour)play->now.p.colour;
    cr_assert(game_set_up(game, &play->now.p, stones, colour, NULL));
    cr_assert(game_set_up(game, &turned->now.p, other, colour, NULL));
}
ParameterizedTestParameters(conformance, symmetry)
{
    return cr_make_param_array(struct spec, specs, sizeof specs / sizeof *specs);
}
ParameterizedTest(struct spec *spec, conformance, symmetry)
{
    struct game game;
    cr_assert(game_parse(&game, spec->text, NULL));
    for (int s = 0; s < game.symmetries; s++) {
        struct play play, turned;
        int8_t map[GAME_MAX_POINTS], turned_map[GAME_MAX_POINTS];
        start(&play, spec->text, 40);
        start(&turned, spec->text, 40);
        if (!game_symmetry_keeps_start(&game, s))
            turn_start(&play, &turned, s);
        while (!game_over(&play.now.p)) {
            game_move move = draw(&play);
            encode_both(&play, &turned, s);
            cr_assert(game_try(&turned.game, &turned.now.p, &turned.history, game_symmetry_move(&play.game, s, move)),
                      "ply %d: illegal under symmetry %d", play.now.p.ply, s);
            game_play(&play.game, &play.now.p, &play.history, move);
        }
        struct game_result a = game_result(&play.game, &play.now.p), b = game_result(&turned.game, &turned.now.p);
        cr_assert_eq(a.outcome, b.outcome);
        cr_assert(a.margin == b.margin);
        play.game.ops->final_map(&play.game, &play.now.p, map);
        turned.game.ops->final_map(&turned.game, &turned.now.p, turned_map);
        for (int p = 0; p < play.game.points; p++) {
            cr_assert(map[p] >= -1 && map[p] <= 1);
            cr_assert_eq(map[p], turned_map[game_symmetry_point(&play.game, s, p)]);
        }
        history_clear(&play.history);
        history_clear(&turned.history);
    }
}

ParameterizedTestParameters(conformance, text)
{
    return cr_make_param_array(struct spec, specs, sizeof specs / sizeof *specs);
}
ParameterizedTest(struct spec *spec, conformance, text)
{
    struct game game, again;
    char buffer[GAME_SPEC_MAX], move_text[GAME_MOVE_TEXT_MAX];
    cr_assert(game_parse(&game, spec->text, NULL));
    cr_assert(game_parse(&again, game_format(&game, buffer), NULL), "\"%s\" is refused", buffer);
    cr_assert(game_equal(&game, &again));
    cr_assert_eq(game.max_plies, again.max_plies);
    for (int move = 0; move < game.moves; move++)
        cr_assert_eq(game_move_parse(&game, game_move_format(&game, (game_move)move, move_text)), move, "%s",
                     move_text);
    cr_assert_leq(game.position_bytes, (uint32_t)GAME_POSITION_MAX_BYTES);
    cr_assert_gt(game.max_plies, 0);
}

/* The printed board has the stones of the position. */
ParameterizedTestParameters(conformance, print)
{
    return cr_make_param_array(struct spec, specs, sizeof specs / sizeof *specs);
}
ParameterizedTest(struct spec *spec, conformance, print)
{
    struct play play;
    start(&play, spec->text, 3);
    for (int i = 0; i < 12 && !game_over(&play.now.p); i++)
        game_play(&play.game, &play.now.p, &play.history, draw(&play));
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    game_print(&play.game, &play.now.p, out);
    fclose(out);
    char *row = strchr(text, '\n') + 1; /* after the column letters */
    for (int y = 0; y < play.game.height; y++, row = strchr(row, '\n') + 1)
        for (int x = 0; x < play.game.width; x++)
            cr_assert_eq(row[4 + 2 * x], ".XO"[play.game.ops->stone(&play.game, &play.now.p, y * play.game.width + x)],
                         "row %d, column %d of\n%s", y, x, text);
    free(text);
    history_clear(&play.history);
}

/* A playout ends the game with a possible result, leaves the original of the copied position unchanged, repeats with
 * the same seed and varies with another. */
ParameterizedTestParameters(conformance, playout)
{
    return cr_make_param_array(struct spec, specs, sizeof specs / sizeof *specs);
}
ParameterizedTest(struct spec *spec, conformance, playout)
{
    struct play play;
    start(&play, spec->text, 8);
    double margin = 0.0, largest = play.game.points + fabs(game_option_value(&play.game, "komi", 0) / 2.0) + 9;
    int lengths = 0, first_length = -1;
    while (!game_over(&play.now.p)) {
        struct game_result result[2];
        int moves[2];
        for (int k = 0; k < 2; k++) {
            struct rng rng;
            rng_seed(&rng, play.now.p.ply);
            game_copy(&play.game, &play.other.p, &play.now.p);
            moves[k] = play.game.ops->playout(&play.game, &play.other.p, &rng, &result[k]);
            cr_assert(result[k].outcome >= GAME_WON_0 && result[k].outcome <= GAME_DRAWN);
            cr_assert(moves[k] >= 0 && moves[k] <= 4 * play.game.points + 20);
            cr_assert(fabs((double)result[k].margin) <= largest);
            cr_assert(play.game.has_draws || result[k].outcome != GAME_DRAWN);
        }
        cr_assert_eq(moves[0], moves[1]);
        cr_assert_eq(result[0].outcome, result[1].outcome);
        cr_assert(result[0].margin == result[1].margin);
        margin += (double)result[0].margin;
        if (first_length < 0)
            first_length = moves[0];
        lengths += moves[0] != first_length;
        game_play(&play.game, &play.now.p, &play.history, draw(&play));
    }
    cr_assert(lengths > 0 || play.now.p.ply < 3);
    struct game_result over, as_is = game_result(&play.game, &play.now.p);
    game_copy(&play.game, &play.other.p, &play.now.p);
    cr_assert_eq(play.game.ops->playout(&play.game, &play.other.p, &play.rng, &over), 0);
    cr_assert_eq(over.outcome, as_is.outcome);
    cr_assert(isfinite(margin));
    history_clear(&play.history);
}
