/* Random games of Gomoku: outcomes, winning stones, forced moves, and the distribution of playouts. */
#include <criterion/criterion.h>
#include <math.h>

#include "games/game.h"
#include "games/gomoku/gomoku.h"
#include "tests/games/common.h"

static const int steps[4][2] = {{1, 0}, {0, 1}, {1, 1}, {1, -1}};

struct board {
    int size, line, rules;
    uint8_t stones[GAME_MAX_POINTS];
};

static struct board read_board(const struct game *game, const struct position *position)
{
    struct board board = {
        .size = game->width, .line = game_option_value(game, "line", 0), .rules = game_option_value(game, "rules", 0)};
    for (int p = 0; p < game->points; p++)
        board.stones[p] = (uint8_t)game->ops->stone(game, position, p);
    return board;
}

/* The contents of the point i steps from p in direction d; -1 off the board. */
static int look(const struct board *board, int p, int d, int i)
{
    int x = p % board->size + i * steps[d][0], y = p / board->size + i * steps[d][1];
    return x < 0 || y < 0 || x >= board->size || y >= board->size ? -1 : board->stones[y * board->size + x];
}

/* Whether the stone on p stands in a winning row along d. */
static bool wins_along(const struct board *board, int p, int d)
{
    int colour = board->stones[p], after = 1, before = -1;
    while (look(board, p, d, after) == colour)
        after++;
    while (look(board, p, d, before) == colour)
        before--;
    int length = after - before - 1, enemy = game_other(colour);
    bool closed = look(board, p, d, after) == enemy && look(board, p, d, before) == enemy;
    switch (board->rules) {
    case GOMOKU_STANDARD:
        return length == board->line;
    case GOMOKU_RENJU:
        return length == board->line || (colour == GAME_WHITE && length > board->line);
    case GOMOKU_CARO:
        return length > board->line || (length == board->line && !closed);
    case GOMOKU_CARO_EXACT:
        return length == board->line && !closed;
    default:
        return length >= board->line;
    }
}

static bool wins(const struct board *board, int p)
{
    for (int d = 0; d < 4; d++)
        if (board->stones[p] != GAME_EMPTY && wins_along(board, p, d))
            return true;
    return false;
}

/* The outcome and its map: all stones of the winner's rows. */
static void compare_outcome(const struct game *game, const struct position *position)
{
    struct board board = read_board(game, position);
    int8_t map[GAME_MAX_POINTS];
    int winner = -1;
    game->ops->final_map(game, position, map);
    for (int p = 0; p < game->points; p++) {
        bool won = wins(&board, p);
        int player = (board.stones[p] == GAME_BLACK) == (position->black_player == 0) ? 0 : 1;
        if (won)
            winner = player;
        cr_assert_eq(map[p], !won ? 0 : player ? -1 : 1, "point %d", p);
    }
    if (winner >= 0)
        cr_assert_eq(position->outcome, winner ? GAME_WON_1 : GAME_WON_0);
    else
        cr_assert(position->outcome == GAME_ONGOING || position->outcome == GAME_DRAWN);
    struct game_result result = game_result(game, position);
    cr_assert(result.over == game_over(position) && result.margin == 0);
    cr_assert_eq(result.outcome, game_over(position) ? (enum game_outcome)position->outcome : GAME_DRAWN);
}

/* Points where `colour` would win; with `around`, also those within a line's length along such a row. */
static bool mark_wins(struct board *board, int colour, bool around, bool *mark)
{
    bool any = false;
    for (int p = 0; p < board->size * board->size; p++) {
        if (board->stones[p] != GAME_EMPTY)
            continue;
        board->stones[p] = (uint8_t)colour;
        for (int d = 0; d < 4; d++) {
            if (!wins_along(board, p, d))
                continue;
            any = true;
            for (int i = around ? -board->line : 0; i <= (around ? board->line : 0); i++)
                if (look(board, p, d, i) >= 0)
                    mark[p + i * (steps[d][1] * board->size + steps[d][0])] = true;
        }
        board->stones[p] = GAME_EMPTY;
    }
    return any;
}

static void compare_forced(const struct game *game, const struct position *position, int *forced)
{
    struct board board = read_board(game, position);
    bool mark[GAME_MAX_POINTS] = {false}, any = false, caro = board.rules >= GOMOKU_CARO;
    uint8_t keep[GAME_MAX_MOVES], none[GAME_MAX_MOVES];
    game_move moves[GAME_MAX_MOVES];
    int count = game->ops->legal_moves(game, position, NULL, moves);
    if (position->phase != GOMOKU_PLAY || (!mark_wins(&board, position->colour, false, mark) &&
                                           !mark_wins(&board, game_other(position->colour), caro, mark)))
        memset(mark, 1, sizeof mark);
    for (int i = 0; i < count; i++)
        any |= moves[i] < game->points && mark[moves[i]];
    memset(keep, 1, sizeof keep);
    game->ops->forced(game, position, keep);
    for (int i = 0; i < count; i++) {
        bool wanted = !any || moves[i] >= game->points || mark[moves[i]];
        cr_assert_eq(keep[moves[i]], wanted, "ply %d, move %d", position->ply, moves[i]);
        *forced += !wanted;
    }
    /* If everything that would be kept is pruned already, nothing else is pruned. */
    for (int p = 0; p < game->moves; p++)
        keep[p] = none[p] = !(p < game->points && mark[p]);
    game->ops->forced(game, position, keep);
    cr_assert_arr_eq(keep, none, game->moves);
}

static const char *const specs[] = {"gomoku:7,line=4",
                                    "gomoku:7,line=4,rules=standard",
                                    "gomoku:9,line=4,rules=caro",
                                    "gomoku:9,line=4,rules=caro-exact",
                                    "gomoku:9,rules=renju",
                                    "gomoku:8,line=4,opening=swap2",
                                    "gomoku:6,line=3"};

/* Random moves near the last stones, so that rows meet. */
static game_move near_move(const struct game *game, const struct position *position, struct rng *rng)
{
    game_move move = random_move(game, position, NULL, rng);
    for (int tries = 0; tries < 6 && position->recent[1] < game->points && move < game->points; tries++) {
        int dx = move % game->width - position->recent[1] % game->width;
        int dy = move / game->width - position->recent[1] / game->width;
        if (abs(dx) <= 2 && abs(dy) <= 2)
            break;
        move = random_move(game, position, NULL, rng);
    }
    return move;
}

Test(gomoku_play, outcomes_and_forced_moves)
{
    struct rng rng;
    rng_seed(&rng, 14);
    for (size_t s = 0; s < G_N_ELEMENTS(specs); s++) {
        struct game game = parse(specs[s]);
        int forced = 0, won[4] = {0};
        for (int i = 0; i < 60; i++) {
            union any_position position;
            game_init(&game, &position.p);
            while (!game_over(&position.p)) {
                compare_outcome(&game, &position.p);
                compare_forced(&game, &position.p, &forced);
                game_play(&game, &position.p, NULL, near_move(&game, &position.p, &rng));
            }
            compare_outcome(&game, &position.p);
            won[position.p.outcome]++;
        }
        cr_expect(forced > 100 && won[GAME_WON_0] > 3 && won[GAME_WON_1] > 3, "%s: %d, %d, %d", specs[s], forced,
                  won[GAME_WON_0], won[GAME_WON_1]);
    }
}

/* ---- playouts: distributed in result, length and final position like uniformly random legal moves ---- */

struct sample {
    double sum, squares;
};
static void add(struct sample *sample, double x)
{
    sample->sum += x;
    sample->squares += x * x;
}
static void same_mean(const char *what, const struct sample *a, const struct sample *b, int n)
{
    double mean_a = a->sum / n, mean_b = b->sum / n;
    double error = sqrt((a->squares / n - mean_a * mean_a + b->squares / n - mean_b * mean_b) / n);
    cr_expect(fabs(mean_a - mean_b) <= 4.5 * error, "%s: %.3f against %.3f, standard error %.3f", what, mean_a, mean_b,
              error);
}

Test(gomoku_play, playouts_are_uniform)
{
    enum { PLAYOUTS = 3000 };
    static const char *const played[] = {
        "gomoku:5,line=4",      "gomoku:6,line=4,rules=standard", "gomoku:7",
        "gomoku:6,rules=renju", "gomoku:6,line=4,rules=caro",     "gomoku:6,line=4,opening=swap2",
        "gomoku:6,opening=pro"};
    for (size_t s = 0; s < G_N_ELEMENTS(played); s++) {
        struct game game = parse(played[s]);
        struct sample length[2] = {{0}}, won[2] = {{0}}, drawn[2] = {{0}};
        struct rng rng;
        rng_seed(&rng, 31 + s);
        for (int i = 0; i < PLAYOUTS; i++)
            for (int k = 0; k < 2; k++) {
                union any_position position;
                struct game_result result;
                game_init(&game, &position.p);
                int moves = (k ? game_playout_uniform : game.ops->playout)(&game, &position.p, &rng, &result);
                cr_assert(result.over && result.margin == 0);
                add(&length[k], moves);
                add(&won[k], game_result_sign(&result, 0));
                add(&drawn[k], result.outcome == GAME_DRAWN);
            }
        same_mean(played[s], &length[0], &length[1], PLAYOUTS);
        same_mean(played[s], &won[0], &won[1], PLAYOUTS);
        same_mean(played[s], &drawn[0], &drawn[1], PLAYOUTS);
    }
}

/* ---- limits of the options ---- */

Test(gomoku_play, options_at_their_limits)
{
    static const struct {
        const char *accepted, *refused;
    } pairs[] = {{"gomoku:3,line=3", "gomoku:2,line=3"},
                 {"gomoku:5,line=5", "gomoku:4,line=5"},
                 {"gomoku:20,line=20", "gomoku:20,line=21"},
                 {"gomoku:15,rules=renju,line=5", "gomoku:15,rules=renju,line=4"},
                 {"gomoku:6,opening=pro", "gomoku:5,opening=pro"},
                 {"gomoku:8,opening=longpro", "gomoku:7,opening=longpro"},
                 {"gomoku:6,line=4,opening=swap", "gomoku:6,line=3,opening=swap"},
                 {"gomoku:6,line=4,opening=swap2", "gomoku:6,line=3,opening=swap2"},
                 {"gomoku:20", "gomoku:21"}};
    for (size_t i = 0; i < G_N_ELEMENTS(pairs); i++) {
        struct game game;
        cr_expect(game_parse(&game, pairs[i].accepted, NULL), "%s", pairs[i].accepted);
        cr_expect(!game_parse(&game, pairs[i].refused, NULL), "%s", pairs[i].refused);
    }
    static const struct {
        const char *spec;
        int plies;
    } lengths[] = {
        {"gomoku:9", 81}, {"gomoku:9,opening=pro", 81}, {"gomoku:9,opening=swap", 82}, {"gomoku:9,opening=swap2", 83}};
    for (size_t i = 0; i < G_N_ELEMENTS(lengths); i++) {
        struct game game = parse(lengths[i].spec);
        cr_expect(game.max_plies == lengths[i].plies && game.has_draws && !game.has_score, "%s", lengths[i].spec);
    }
}

/* ---- refusals ---- */

static void expect_refusal(const struct game *game, const union any_position *position, const char *move,
                           const char *word)
{
    const char *why = game->ops->refusal(game, &position->p, NULL, at(game, move));
    cr_expect(why ? word && strstr(why, word) : !word, "%s: %s", move, why);
}

Test(gomoku_play, refusals_and_labels)
{
    struct game game = parse("gomoku:9,rules=renju");
    union any_position position;
    static const char drawing[] =
        "......... XXX.XX... ......... ...X..... ...X..... .XX...... ......... ......... .........";
    draw(&game, &position, drawing, GAME_BLACK);
    expect_refusal(&game, &position, "D8", "overline");
    expect_refusal(&game, &position, "D4", "3-3");
    cr_expect_str_eq(game.ops->forbidden_label(&game, &position.p, at(&game, "D8")), "6");
    cr_expect_str_eq(game.ops->forbidden_label(&game, &position.p, at(&game, "D4")), "33");
    cr_expect_null(game.ops->forbidden_label(&game, &position.p, at(&game, "J1")));
    expect_refusal(&game, &position, "swap", NULL);
    draw(&game, &position, drawing, GAME_WHITE);
    cr_expect_null(game.ops->forbidden_label(&game, &position.p, at(&game, "D8")), "white may go there");
    draw(&game, &position, "......... XXX...... ...X..... ...X..... ...X..... ......... ......... ......... .........",
         GAME_BLACK);
    expect_refusal(&game, &position, "D8", "4-4");
    cr_expect_str_eq(game.ops->forbidden_label(&game, &position.p, at(&game, "D8")), "44");

    game = parse("gomoku:9,opening=pro");
    game_init(&game, &position.p);
    expect_refusal(&game, &position, "A1", "centre");
    play(&game, &position, NULL, "E5 A1");
    expect_refusal(&game, &position, "E6", "farther");
    game = parse("gomoku:9,opening=swap2");
    game_init(&game, &position.p);
    play(&game, &position, NULL, "E5 A1 B1");
    expect_refusal(&game, &position, "E6", "colour");
    play(&game, &position, NULL, "place-two C1 D1");
    expect_refusal(&game, &position, "E6", "colour");
}

static int left_after(const char *spec, int stones)
{
    struct game game = parse(spec);
    union any_position position;
    uint8_t board[GAME_MAX_POINTS] = {0};
    for (int p = 0; p < stones; p++)
        board[p] = (uint8_t)((p % game.width / 2 + p / game.width) % 2 ? GAME_WHITE : GAME_BLACK);
    cr_assert(game_set_up(&game, &position.p, board, GAME_BLACK, NULL));
    cr_assert(!game_over(&position.p));
    return game_plies_left(&game, &position.p);
}

/* The expected rest of a game: measured lengths, between which it is interpolated, and never more than there are empty
 * points. Other lines than five, which were not measured, are estimated by the size of the board. */
Test(gomoku, plies_left)
{
    cr_expect_eq(left_after("gomoku:15", 0), 47);
    cr_expect_eq(left_after("gomoku:15", 20), 27);
    cr_expect_eq(left_after("gomoku:15", 10), 37);
    cr_expect_eq(left_after("gomoku:15", 150), 48);
    cr_expect_eq(left_after("gomoku:15", 215), 10);
    cr_expect_eq(left_after("gomoku:20", 100), 80);
    cr_expect_eq(left_after("gomoku:17", 100), 61, "between 48 on 15x15 and 80 on 20x20");
    cr_expect_eq(left_after("gomoku:9", 20), 48);
    cr_expect_eq(left_after("gomoku:6", 0), 36);
    cr_expect_eq(left_after("gomoku:15,line=6", 20), 225 * 3 / 4 - 20);
}
