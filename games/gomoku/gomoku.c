/* Gomoku: options, moves, results, set-up positions, consistency check. */
#include "games/gomoku/gomoku.h"

#include <assert.h>

#include "games/gomoku/board.h"
#include "games/gomoku/threats.h"

static const char *const rules_texts[] = {"freestyle", "standard", "renju", "caro", "caro-exact", NULL};
static const char *const opening_texts[] = {"free", "pro", "longpro", "swap", "swap2", NULL};

static const char *const opening_labels[] = {GAME_TEXT("Free"), GAME_TEXT("Pro"), GAME_TEXT("Long pro"),
                                             GAME_TEXT("Swap"), GAME_TEXT("Swap2")};

/* clang-format off */
static const struct game_option options[] = {
    [GOMOKU_OPTION_LINE] = {"line", GAME_OPTION_INT, 3, GAME_MAX_SIZE, 5,
        .help = "number of stones in a row that win"},
    [GOMOKU_OPTION_RULES] = {"rules", GAME_OPTION_CHOICE, 0, GOMOKU_CARO_EXACT, GOMOKU_FREESTYLE, rules_texts,
        .help = "which lines win and which moves are forbidden", .label = GAME_TEXT("Rules")},
    [GOMOKU_OPTION_OPENING] = {"opening", GAME_OPTION_CHOICE, 0, GOMOKU_SWAP2, GOMOKU_FREE, opening_texts,
        .help = "opening rule: how the first stones are placed",
        .label = GAME_TEXT("Opening"), .choice_labels = opening_labels},
    {NULL},
};
static const struct game_other_move other_moves[] = {
    {GAME_TEXT("swap"), GAME_TEXT("Swap colours")},
    {GAME_TEXT("stay"), GAME_TEXT("Keep mine")},
    {GAME_TEXT("place-two"), GAME_TEXT("Place two more")},
    {NULL, NULL},
};
/* clang-format on */
static const struct game_features *const features[] = {&gomoku_features_v1, NULL};

static bool refuse(const struct game *game, GError **error, const char *why)
{
    g_set_error(error, GAME_ERROR, GAME_ERROR_SPEC, "gomoku:%d,line=%d,rules=%s,opening=%s: %s", game->width,
                game->option[GOMOKU_OPTION_LINE], rules_texts[game->option[GOMOKU_OPTION_RULES]],
                opening_texts[game->option[GOMOKU_OPTION_OPENING]], why);
    return false;
}

static bool configure(struct game *game, GError **error)
{
    int line = game->option[GOMOKU_OPTION_LINE], opening = game->option[GOMOKU_OPTION_OPENING];
    if (line > game->width)
        return refuse(game, error, "the line is longer than the board; give a larger size or, for example, line=3");
    if (game->option[GOMOKU_OPTION_RULES] == GOMOKU_RENJU && line != 5)
        return refuse(game, error, "renju is played with line=5");
    if (opening == GOMOKU_PRO && game->width < 6)
        return refuse(game, error, "opening=pro needs points outside the central 5x5: a size of at least 6");
    if (opening == GOMOKU_LONGPRO && game->width < 8)
        return refuse(game, error, "opening=longpro needs points outside the central 7x7: a size of at least 8");
    if ((opening == GOMOKU_SWAP || opening == GOMOKU_SWAP2) && line < 4)
        return refuse(game, error, "with a line of 3 the first stones could win; give line=4 or more, or opening=free");
    game->position_bytes = sizeof(struct gomoku_position);
    game->max_plies = (uint16_t)(game->points + (opening == GOMOKU_SWAP ? 1 : opening == GOMOKU_SWAP2 ? 2 : 0));
    game->has_score = false;
    game->has_draws = true;
    return true;
}

/* ---- hashes ---- */

static uint64_t stone_key(int colour, int point)
{
    return rng_mix(0x676f6d6f6b750000u + (uint64_t)(point * 2 + colour - GAME_BLACK));
}

static uint64_t state_key(const struct position *p)
{
    return rng_mix(0x737461746500000u +
                   ((uint64_t)p->phase << 8 | (uint64_t)p->colour << 4 | (uint64_t)p->black_player << 1 | p->player));
}

/* ---- moves ---- */

static void init(const struct game *game, struct position *position)
{
    struct gomoku_position *board = (struct gomoku_position *)position;
    memset(board, 0, sizeof *board);
    memset(position->recent, 0xff, sizeof position->recent);
    position->colour = GAME_BLACK;
    position->phase = (uint8_t)gomoku_opening_first_phase(game);
    position->outcome = GAME_ONGOING;
    board->empties = game->points;
    position->hash = state_key(position);
}

static enum game_colour stone(const struct game *game, const struct position *position, int point)
{
    const struct gomoku_position *board = gomoku_board(position);
    assert(game->width > 0);
    int x = point % game->width, y = point / game->width;
    return (board->lines[0][0][y] >> x & 1) ? GAME_BLACK : (board->lines[1][0][y] >> x & 1) ? GAME_WHITE : GAME_EMPTY;
}

static bool point_forbidden(const struct game *game, const struct position *position, int point)
{
    return game->option[GOMOKU_OPTION_RULES] == GOMOKU_RENJU && position->colour == GAME_BLACK &&
           gomoku_forbidden_kind(game, position, point) != GOMOKU_ALLOWED;
}

static bool legal(const struct game *game, const struct position *position, const struct history *history,
                  game_move move)
{
    (void)history;
    if (game_over(position))
        return false;
    if (move >= game->points)
        return gomoku_opening_decision(game, position, move);
    assert(game->width > 0);
    int x = move % game->width, y = move / game->width;
    return gomoku_empty(gomoku_board(position), x, y) && gomoku_opening_point(game, position, x, y) &&
           !point_forbidden(game, position, move);
}

static int legal_moves(const struct game *game, const struct position *position, const struct history *history,
                       game_move *moves)
{
    const struct gomoku_position *board = gomoku_board(position);
    int n = 0;
    if (game_over(position))
        return 0;
    bool any_empty = position->phase == GOMOKU_PLAY &&
                     (game->option[GOMOKU_OPTION_RULES] != GOMOKU_RENJU || position->colour == GAME_WHITE);
    for (int y = 0; y < game->width; y++)
        for (uint32_t bits = gomoku_empty_row(board, game->width, y); bits; bits &= bits - 1) {
            game_move move = (game_move)(y * game->width + __builtin_ctz(bits));
            if (any_empty || legal(game, position, history, move))
                moves[n++] = move;
        }
    for (int move = game->points; position->phase != GOMOKU_PLAY && move < game->moves; move++)
        if (legal(game, position, history, (game_move)move))
            moves[n++] = (game_move)move;
    return n;
}

/* Whether the side to move has no legal point: the board is full, or renju forbids black every empty point. There is no
 * pass, so the game is drawn. */
static bool stuck(const struct game *game, const struct position *position)
{
    const struct gomoku_position *board = gomoku_board(position);
    if (board->empties == 0)
        return true;
    if (game->option[GOMOKU_OPTION_RULES] != GOMOKU_RENJU || position->colour != GAME_BLACK)
        return false;
    for (int y = 0; y < game->width; y++)
        for (uint32_t bits = gomoku_empty_row(board, game->width, y); bits; bits &= bits - 1)
            if (gomoku_forbidden_kind(game, position, y * game->width + __builtin_ctz(bits)) == GOMOKU_ALLOWED)
                return false;
    return true;
}

static void place_stone(const struct game *game, struct position *position, game_move move)
{
    struct gomoku_position *board = (struct gomoku_position *)position;
    int x = move % game->width, y = move / game->width, colour = position->colour;
    bool wins = gomoku_put(board->lines, game->width, game->option[GOMOKU_OPTION_LINE],
                           game->option[GOMOKU_OPTION_RULES], colour, x, y);
    board->empties--;
    position->stones_hash ^= stone_key(colour, move);
    gomoku_opening_after_stone(game, position);
    if (wins)
        position->outcome = (colour == GAME_BLACK) == (position->black_player == 0) ? GAME_WON_0 : GAME_WON_1;
    else if (stuck(game, position))
        position->outcome = GAME_DRAWN;
}

static void play(const struct game *game, struct position *position, const struct history *history, game_move move)
{
    (void)history;
    memmove(position->recent + 1, position->recent, sizeof position->recent - sizeof *position->recent);
    position->recent[0] = move;
    position->ply++;
    if (move < game->points)
        place_stone(game, position, move);
    else
        gomoku_opening_after_decision(game, position, move);
    position->hash = position->stones_hash ^ state_key(position);
}

static void result(const struct game *game, const struct position *position, struct game_result *out)
{
    (void)game;
    out->over = game_over(position);
    out->outcome = out->over ? (enum game_outcome)position->outcome : GAME_DRAWN;
    out->margin = 0;
}

/* Whether the colour has a winning run on the board; writes `value` to the points of such runs unless map is NULL.
 * Slow: for final_map, set_up and check. */
static bool mark_wins(const struct game *game, const struct position *position, int colour, int8_t value, int8_t *map)
{
    const struct gomoku_position *board = gomoku_board(position);
    bool found = false;
    for (int d = 0; d < GOMOKU_DIRECTIONS; d++)
        for (int line = 0; line < gomoku_line_count(game->width, d); line++) {
            uint32_t own = board->lines[colour - GAME_BLACK][d][line],
                     enemy = board->lines[GAME_WHITE - colour][d][line];
            for (int b = 0, low; b < game->width; b++) {
                if (!(own >> b & 1))
                    continue;
                int length = gomoku_run_at(own, b, &low);
                if (gomoku_run_wins(game->option[GOMOKU_OPTION_RULES], colour, game->option[GOMOKU_OPTION_LINE], length,
                                    low, enemy)) {
                    found = true;
                    for (int i = b; map && i < low + length; i++)
                        map[gomoku_line_point(game->width, d, line, i)] = value;
                }
                b = low + length;
            }
        }
    return found;
}

/* The outcome of the board as it lies, found from scratch. */
static enum game_outcome find_outcome(const struct game *game, const struct position *position)
{
    const bool swapped = position->black_player == 1;
    if (mark_wins(game, position, GAME_BLACK, 0, NULL))
        return swapped ? GAME_WON_1 : GAME_WON_0;
    if (mark_wins(game, position, GAME_WHITE, 0, NULL))
        return swapped ? GAME_WON_0 : GAME_WON_1;
    return stuck(game, position) ? GAME_DRAWN : GAME_ONGOING;
}

static void final_map(const struct game *game, const struct position *position, int8_t *map)
{
    memset(map, 0, game->points);
    if (position->outcome != GAME_WON_0 && position->outcome != GAME_WON_1)
        return;
    int winner = position->outcome == GAME_WON_1;
    mark_wins(game, position, winner == position->black_player ? GAME_BLACK : GAME_WHITE, winner ? -1 : 1, map);
}

/* ---- set-up ---- */

static bool set_up(const struct game *game, struct position *position, const uint8_t *stones, enum game_colour colour,
                   GError **error)
{
    struct gomoku_position *board = (struct gomoku_position *)position;
    int black = position->black_player;
    (void)error; /* every arrangement of stones is allowed */
    init(game, position);
    for (int p = 0; p < game->points; p++)
        if (stones[p] != GAME_EMPTY) {
            gomoku_put(board->lines, game->width, game->option[GOMOKU_OPTION_LINE], game->option[GOMOKU_OPTION_RULES],
                       stones[p], p % game->width, p / game->width);
            position->stones_hash ^= stone_key(stones[p], p);
            position->ply++;
            board->empties--;
        }
    position->phase = GOMOKU_PLAY;
    position->black_player = (uint8_t)black;
    position->colour = (uint8_t)colour;
    position->player = (uint8_t)(colour == GAME_BLACK ? black : 1 - black);
    position->outcome = (uint8_t)find_outcome(game, position);
    position->hash = position->stones_hash ^ state_key(position);
    return true;
}

/* ---- texts for users ---- */

static const char *refusal(const struct game *game, const struct position *position, const struct history *history,
                           game_move move)
{
    static const char *const kinds[] = {
        [GOMOKU_DOUBLE_FOUR] = GAME_TEXT("Forbidden for black: double four (4-4)"),
        [GOMOKU_DOUBLE_THREE] = GAME_TEXT("Forbidden for black: double three (3-3)"),
        [GOMOKU_OVERLINE] = GAME_TEXT("Forbidden for black: overline (six or more)"),
    };
    (void)history;
    if (move >= game->points)
        return NULL;
    enum gomoku_forbidden kind = gomoku_forbidden_kind(game, position, move);
    if (kind != GOMOKU_ALLOWED && position->colour == GAME_BLACK)
        return kinds[kind];
    switch (position->phase) {
    case GOMOKU_CENTRE:
        return GAME_TEXT("Opening rule: the first stone goes on the centre");
    case GOMOKU_FAR:
        return GAME_TEXT("Opening rule: this stone must lie farther from the centre");
    case GOMOKU_CHOOSE:
    case GOMOKU_CHOOSE_AGAIN:
        return GAME_TEXT("Opening rule: first choose your colour");
    default:
        return GAME_TEXT("Not allowed here by the opening rule");
    }
}

static const char *forbidden_label(const struct game *game, const struct position *position, int point)
{
    static const char *const labels[] = {NULL, "44", "33", "6"};
    return position->colour == GAME_BLACK ? labels[gomoku_forbidden_kind(game, position, point)] : NULL;
}

/* ---- consistency check ---- */

static const char *check(const struct game *game, const struct position *position)
{
    const struct gomoku_position *board = gomoku_board(position);
    uint32_t lines[2][GOMOKU_DIRECTIONS][GOMOKU_LINES] = {0};
    uint64_t stones_hash = 0;
    int empties = 0;
    for (int y = 0; y < game->width; y++)
        if (board->lines[0][0][y] & board->lines[1][0][y])
            return "two stones on one point";
    for (int p = 0; p < game->points; p++) {
        int colour = stone(game, position, p);
        empties += colour == GAME_EMPTY;
        if (colour == GAME_EMPTY)
            continue;
        gomoku_put(lines, game->width, game->option[GOMOKU_OPTION_LINE], game->option[GOMOKU_OPTION_RULES], colour,
                   p % game->width, p / game->width);
        stones_hash ^= stone_key(colour, p);
    }
    if (memcmp(lines, board->lines, sizeof lines) != 0)
        return "the lines of the four directions disagree";
    if (empties != board->empties)
        return "the count of empty points is wrong";
    if (stones_hash != position->stones_hash || position->hash != (stones_hash ^ state_key(position)))
        return "a hash is wrong";
    if (position->phase >= GOMOKU_PHASES || position->player > 1 || position->black_player > 1 ||
        (position->colour != GAME_BLACK && position->colour != GAME_WHITE))
        return "phase, colour or players out of range";
    if (position->phase == GOMOKU_PLAY &&
        (position->colour == GAME_BLACK) != (position->player == position->black_player))
        return "the player to move does not have the colour to move";
    if (position->outcome != find_outcome(game, position))
        return "the outcome does not match the board";
    return NULL;
}

const struct game_ops gomoku_ops = {
    .name = "gomoku",
    .summary = "Gomoku, an m,n,k game: freestyle, standard, renju, caro",
    .traits =
        {.title = GAME_TEXT("Gomoku"),
         .map = GAME_MAP_LINE,
         .first_shape = {15, 15},
         .look = {.stars = 5, .every_letter = true},
         .records = {.sgf = 4, .shape = {15, 15}, .numbered_rows = true},
         .learning = {.opening_plies = 6, .opening_uniform = 0.5, .opening_balance = 0.5, .opening_central = true}},
    .min_size = 3,
    .max_size = GAME_MAX_SIZE,
    .symmetries = 8,
    .options = options,
    .features = features,
    .other_moves = other_moves,
    .configure = configure,
    .init = init,
    .legal = legal,
    .legal_moves = legal_moves,
    .play = play,
    .result = result,
    .playout = gomoku_playout,
    .plies_left = gomoku_plies_left,
    .unused_percent = 50,
    .final_map = final_map,
    .stone = stone,
    .set_up = set_up,
    .forced = gomoku_forced,
    .solve = gomoku_solve,
    .refusal = refusal,
    .forbidden_label = forbidden_label,
    .check = check,
};
