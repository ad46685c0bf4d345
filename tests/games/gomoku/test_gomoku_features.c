/* Gomoku's threats, compared with a naive search that places stones, and the fixed layout of "gomoku-v1". */
#include <criterion/criterion.h>

#include "games/game.h"
#include "games/gomoku/board.h"
#include "games/gomoku/gomoku.h"

static const int steps[GOMOKU_DIRECTIONS][2] = {{1, 0}, {0, 1}, {1, 1}, {1, -1}};

/* A board of characters, for the naive search. */
struct naive {
    int size, line, rules, colour;
    char own, enemy;
    char board[GAME_MAX_POINTS + 1];
};

static char *cell(struct naive *n, int p, int d, int i)
{
    int x = p % n->size + i * steps[d][0], y = p / n->size + i * steps[d][1];
    static char off;
    off = '#';
    return x < 0 || y < 0 || x >= n->size || y >= n->size ? &off : &n->board[y * n->size + x];
}

/* The number of consecutive own stones from p in one direction. */
static int reach(struct naive *n, int p, int d, int from, int side)
{
    int i = from;
    while (*cell(n, p, d, i + side) == n->own)
        i += side;
    return i;
}

/* Whether the run of stones through offset i, which has a stone, wins. */
static bool row_wins(struct naive *n, int p, int d, int i)
{
    int low = reach(n, p, d, i, -1), high = reach(n, p, d, i, 1), length = high - low + 1;
    bool closed = *cell(n, p, d, low - 1) == n->enemy && *cell(n, p, d, high + 1) == n->enemy;
    switch (n->rules) {
    case GOMOKU_STANDARD:
        return length == n->line;
    case GOMOKU_RENJU:
        return n->colour == GAME_BLACK ? length == n->line : length >= n->line;
    case GOMOKU_CARO:
        return length > n->line || (length == n->line && !closed);
    case GOMOKU_CARO_EXACT:
        return length == n->line && !closed;
    default:
        return length >= n->line;
    }
}

static bool wins_with(struct naive *n, int p, int d, int i)
{
    char *at = cell(n, p, d, i);
    if (*at != '.')
        return false;
    *at = n->own;
    bool wins = row_wins(n, p, d, i);
    *at = '.';
    return wins;
}

/* With a stone on p, whether another stone wins in a line that contains both. */
static bool is_four(struct naive *n, int p, int d)
{
    for (int i = -n->line + 1; i < n->line; i++) {
        char *at = cell(n, p, d, i);
        if (*at != '.')
            continue;
        *at = n->own;
        bool joined = reach(n, p, d, 0, -1) <= i && reach(n, p, d, 0, 1) >= i, wins = joined && row_wins(n, p, d, i);
        *cell(n, p, d, i) = '.';
        if (wins)
            return true;
    }
    return false;
}

static bool is_straight_four(struct naive *n, int p, int d)
{
    int low = reach(n, p, d, 0, -1), high = reach(n, p, d, 0, 1);
    return high - low + 2 == n->line && wins_with(n, p, d, low - 1) && wins_with(n, p, d, high + 1);
}

static bool is_three(struct naive *n, int p, int d)
{
    bool three = false;
    for (int i = -n->line + 1; i < n->line && !three; i++) {
        char *at = cell(n, p, d, i);
        if (*at != '.')
            continue;
        *at = n->own;
        three = reach(n, p, d, 0, -1) <= i && reach(n, p, d, 0, 1) >= i && is_straight_four(n, p, d);
        *cell(n, p, d, i) = '.';
    }
    return three;
}

static void compare_point(struct naive *n, const struct gomoku_threats *threats, int p, int *found)
{
    struct gomoku_place place = gomoku_place_of(n->size, p % n->size, p / n->size);
    for (int d = 0; d < GOMOKU_DIRECTIONS; d++) {
        n->board[p] = n->own;
        bool want[4] = {row_wins(n, p, d, 0), is_four(n, p, d), is_straight_four(n, p, d), is_three(n, p, d)};
        n->board[p] = '.';
        int line = place.line[d], b = place.bit[d];
        bool have[4] = {threats->five[d][line] >> b & 1, threats->four[d][line] >> b & 1,
                        threats->straight_four[d][line] >> b & 1, threats->three[d][line] >> b & 1};
        for (int i = 0; i < 4; i++) {
            cr_assert_eq(have[i], want[i],
                         "kind %d, direction %d, point %d, colour %d, rules %d, line %d, size %d:\n%s", i, d, p,
                         n->colour, n->rules, n->line, n->size, n->board);
            found[i] += want[i];
        }
    }
}

static void compare_board(const struct game *game, const char *board, int *found)
{
    union any_position position;
    cr_assert(game_set_up_drawing(game, &position.p, board, GAME_BLACK, NULL));
    for (int colour = GAME_BLACK; colour <= GAME_WHITE; colour++) {
        struct gomoku_threats threats;
        gomoku_find_threats(game, &position.p, colour, &threats);
        struct naive n = {.size = game->width,
                          .line = game->option[GOMOKU_OPTION_LINE],
                          .rules = game->option[GOMOKU_OPTION_RULES],
                          .colour = colour,
                          .own = ".XO"[colour],
                          .enemy = ".OX"[colour]};
        g_strlcpy(n.board, board, sizeof n.board);
        for (int p = 0; p < game->points; p++)
            if (board[p] == '.')
                compare_point(&n, &threats, p, found);
    }
}

Test(gomoku_features, threats_against_naive)
{
    static const char *const specs[] = {"gomoku:9",
                                        "gomoku:15,rules=standard",
                                        "gomoku:9,rules=renju",
                                        "gomoku:9,rules=caro",
                                        "gomoku:9,rules=caro-exact",
                                        "gomoku:3,line=3",
                                        "gomoku:7,line=4",
                                        "gomoku:20,line=6",
                                        "gomoku:10,line=6,rules=caro",
                                        "gomoku:9,line=6,rules=standard",
                                        "gomoku:8,line=3,rules=standard"};
    struct rng rng;
    rng_seed(&rng, 8);
    for (size_t s = 0; s < G_N_ELEMENTS(specs); s++) {
        struct game game;
        int found[4] = {0};
        cr_assert(game_parse(&game, specs[s], NULL));
        for (int i = 0; i < 150; i++) {
            char board[GAME_MAX_POINTS + 1] = {0};
            uint32_t black = 20 + rng_below(&rng, 40), white = 5 + rng_below(&rng, 30);
            for (int p = 0; p < game.points; p++) {
                uint32_t draw = rng_below(&rng, 100);
                board[p] = draw < black ? 'X' : draw < black + white ? 'O' : '.';
            }
            compare_board(&game, board, found);
        }
        for (int i = 0; i < 4; i++) /* each kind occurred, if the board is large enough */
            cr_assert(found[i] > 20 || (i >= 2 && game.width == 3), "%s: kind %d", specs[s], i);
    }
}

static void expect_plane(const float *planes, int plane, const char *want)
{
    for (int p = 0; p < 49; p++)
        cr_assert_float_eq(planes[plane * 49 + p],
                           want[p] == '1'   ? 1.0
                           : want[p] == 'h' ? 0.5
                                            : 0.0,
                           1e-9, "plane %d, point %d", plane, p);
}

/* The layout must never change, because nets were trained with it. White is to move, after black's B2. */
Test(gomoku_features, layout_of_v1)
{
    struct game game;
    cr_assert(game_parse(&game, "gomoku:7", NULL));
    const struct game_features *v1 = game_features_find(&game, "gomoku-v1");
    cr_assert(v1 && v1->planes == 17 && v1->globals == 18);
    union any_position position;
    cr_assert(game_set_up_drawing(&game, &position.p, "....... .XXX... ....... ....... ..O.... ..O.... ..O....",
                                  GAME_BLACK, NULL));
    game_play(&game, &position.p, NULL, 5 * 7 + 1);
    float planes[17 * 49], globals[18];
    game_encode(&game, v1, &position.p, NULL, 0, planes, globals);
    static const char *const want[17] = {
        [0] = "1111111111111111111111111111111111111111111111111",
        [1] = "0000000000000000000000000000001000000100000010000",
        [2] = "0000000011100000000000000000000000001000000000000",
        [3] = "1111111100011111111111111111110111110011111101111", /* empty points */
        [4] = "0000000000000000000000000000000000000000000000000",
        [5] = "0000000000000000000000000000000000001000000000000",
        [6] = "0000000000000000000000000000000000000000000000000",
        [7] = "0000000000000000000000000000000000000000000000000",
        [8] = "0000000000000000000000000000000000000000000000000",
        [9] = "0000000000000000000000000000000000000000000000000",
        [10] = "0000000000000000000000000000000000000000000000000",
        [11] = "0000000000000000000000000000000000000000000000000", /* white's row is at the edge: no straight four */
        [12] = "0000000000010000000000000000000000000000000000000", /* A6 is at the edge: only E6 */
    };
    for (int plane = 0; plane <= 12; plane++)
        expect_plane(planes, plane, want[plane]);
    /* fours: white C4 and C5; black A6, E6, F6 */
    expect_plane(planes, 13, "0000000000000000h000000h0000000000000000000000000");
    expect_plane(planes, 14, "0000000h000hh000000000000000000000000000000000000");
    static const float globals_want[18] = {[0] = 1, [5] = 1, [15] = 0.5f, [16] = 0.35f, [17] = 7.0f / 49};
    for (int i = 0; i < 18; i++)
        cr_assert_float_eq(globals[i], globals_want[i], 1e-6, "global %d is %g", i, globals[i]);
}

/* Forbidden points are in the planes of both sides, but illegal only for black. Phases and colour assignment are
 * encoded. */
Test(gomoku_features, renju_and_phases)
{
    struct game game;
    float planes[17 * 49], globals[18];
    union any_position position;
    cr_assert(game_parse(&game, "gomoku:7,rules=renju", NULL));
    for (int colour = GAME_BLACK; colour <= GAME_WHITE; colour++) {
        cr_assert(game_set_up_drawing(&game, &position.p, "....... ...X... ...X... .XX.... ....... ....... .......",
                                      colour, NULL));
        game_encode(&game, game_features_newest(&game), &position.p, NULL, 0, planes, globals);
        expect_plane(planes, 4, "0000000000000000000000001000000000000000000000000");
        cr_assert_eq(planes[3 * 49 + 24], colour == GAME_WHITE);
        cr_assert(globals[2] == 1 && globals[13] == (colour == GAME_BLACK) && globals[14] == (colour == GAME_BLACK));
    }
    cr_assert(game_parse(&game, "gomoku:7,opening=swap", NULL));
    game_init(&game, &position.p);
    static const game_move moves[] = {24, 0, 25};
    for (int i = 0; i < 3; i++)
        game_play(&game, &position.p, NULL, moves[i]);
    game_encode(&game, game_features_newest(&game), &position.p, NULL, 0, planes, globals);
    cr_assert(globals[5 + GOMOKU_CHOOSE] == 1 && globals[5] == 0 && globals[13] == 0 && globals[14] == 0);
    expect_plane(planes, 3, "0000000000000000000000000000000000000000000000000"); /* a decision, no points */
    game_play(&game, &position.p, NULL, gomoku_swap(&game));                      /* player 0, now white, is to move */
    game_encode(&game, game_features_newest(&game), &position.p, NULL, 0, planes, globals);
    cr_assert(globals[5 + GOMOKU_PLAY] == 1 && globals[13] == 0);
    cr_assert(planes[1 * 49 + 0] == 1 && planes[2 * 49 + 24] == 1);
}
