/* Reversi (Othello) on boards of 4, 6 or 8: a disc flips every line of enemy discs between itself and another disc of
 * its colour, and may only be placed where it flips at least one. A player without such a move has to pass; nobody else
 * may. When neither player can move the game is over, and the player with more discs wins.
 *
 *       D E
 *     5 O X      Initial position. Black is player 0 and moves first.
 *     4 X O
 *
 * Cell (x, y) is bit 8 * y + x of discs[colour - GAME_BLACK], for every board size. */
#include "games/game.h"

struct reversi_position {
    struct position head;
    uint64_t discs[2];
};

static const uint64_t left_column = 0x0101010101010101u, right_column = 0x8080808080808080u;

static struct reversi_position *board_of(struct position *position)
{
    return (struct reversi_position *)position;
}
static const struct reversi_position *board_at(const struct position *position)
{
    return (const struct reversi_position *)position;
}

static int bit_of(const struct game *game, int point)
{
    return point / game->width * 8 + point % game->width;
}
static int point_of(const struct game *game, int bit)
{
    return bit / 8 * game->width + bit % 8;
}
/* The bits of the cells on the board. */
static uint64_t board_mask(const struct game *game)
{
    uint64_t row = ((uint64_t)1 << game->width) - 1, all = 0;
    for (int y = 0; y < game->height; y++)
        all |= row << (8 * y);
    return all;
}

/* ---- lines of discs ---- */

enum { DIRECTIONS = 8 };

/* Moves all discs one step; discs that would wrap around the edge of the board are dropped. */
static inline uint64_t step(uint64_t discs, int direction)
{
    static const struct {
        int by;
        uint64_t keep;
    } steps[DIRECTIONS] = {{1, ~left_column},  {8, ~(uint64_t)0}, {9, ~left_column},  {7, ~right_column},
                           {1, ~right_column}, {8, ~(uint64_t)0}, {9, ~right_column}, {7, ~left_column}};
    return (direction < 4 ? discs << steps[direction].by : discs >> steps[direction].by) & steps[direction].keep;
}

/* The enemy discs in unbroken lines that start beside `from`. */
static inline uint64_t enemy_lines(uint64_t from, uint64_t enemy, int direction)
{
    uint64_t line = step(from, direction) & enemy;
    for (int i = 0; i < 5; i++)
        line |= step(line, direction) & enemy;
    return line;
}

static uint64_t find_moves(uint64_t own, uint64_t enemy, uint64_t mask)
{
    uint64_t moves = 0;
    for (int d = 0; d < DIRECTIONS; d++)
        moves |= step(enemy_lines(own, enemy, d), d);
    return moves & mask & ~(own | enemy);
}

/* The enemy discs that a disc on this bit flips. */
static uint64_t find_flips(uint64_t disc, uint64_t own, uint64_t enemy)
{
    uint64_t flips = 0;
    for (int d = 0; d < DIRECTIONS; d++) {
        uint64_t line = enemy_lines(disc, enemy, d);
        if (step(line, d) & own)
            flips |= line;
    }
    return flips;
}

static uint64_t moves_of(const struct game *game, const struct position *position, int colour)
{
    const struct reversi_position *board = board_at(position);
    return find_moves(board->discs[colour - GAME_BLACK], board->discs[GAME_WHITE - colour], board_mask(game));
}

/* ---- the game ---- */

static bool configure(struct game *game, GError **error)
{
    if (game->width % 2) {
        g_set_error(error, GAME_ERROR, GAME_ERROR_SPEC,
                    "reversi:%d: the size must be even, because the game starts with four discs in the centre; "
                    "for example reversi:8",
                    game->width);
        return false;
    }
    game->position_bytes = sizeof(struct reversi_position);
    game->max_plies = (uint16_t)(2 * game->points); /* a pass is always followed by a disc */
    game->has_score = true;
    game->has_draws = true;
    return true;
}

static void set_hashes(struct position *position)
{
    const struct reversi_position *board = board_at(position);
    position->stones_hash = rng_mix(rng_mix(board->discs[0] ^ 0x7265766572736900u) ^ board->discs[1]);
    position->hash = position->stones_hash ^ (position->colour == GAME_WHITE ? rng_mix(0x7768697465u) : 0);
}

static int disc_margin(const struct reversi_position *board)
{
    return __builtin_popcountll(board->discs[0]) - __builtin_popcountll(board->discs[1]);
}

static void finish_if_stuck(const struct game *game, struct position *position)
{
    int margin = disc_margin(board_at(position));
    if (!moves_of(game, position, GAME_BLACK) && !moves_of(game, position, GAME_WHITE))
        position->outcome = margin > 0 ? GAME_WON_0 : margin < 0 ? GAME_WON_1 : GAME_DRAWN;
}

static void init(const struct game *game, struct position *position)
{
    struct reversi_position *board = board_of(position);
    int x = game->width / 2 - 1, y = game->height / 2 - 1, corner = 8 * y + x;
    memset(board, 0, sizeof *board);
    memset(position->recent, 0xff, sizeof position->recent);
    position->colour = GAME_BLACK;
    board->discs[GAME_WHITE - GAME_BLACK] = (uint64_t)1 << corner | (uint64_t)1 << (corner + 9);
    board->discs[0] = (uint64_t)1 << (corner + 1) | (uint64_t)1 << (corner + 8);
    set_hashes(position);
}

static bool legal(const struct game *game, const struct position *position, const struct history *history,
                  game_move move)
{
    (void)history;
    if (game_over(position))
        return false;
    uint64_t moves = moves_of(game, position, position->colour);
    return move == game->pass ? !moves : moves >> bit_of(game, move) & 1;
}

static int legal_moves(const struct game *game, const struct position *position, const struct history *history,
                       game_move *moves)
{
    int count = 0;
    (void)history;
    if (game_over(position))
        return 0;
    for (uint64_t bits = moves_of(game, position, position->colour); bits; bits &= bits - 1)
        moves[count++] = (game_move)point_of(game, __builtin_ctzll(bits));
    if (!count)
        moves[count++] = game->pass;
    return count;
}

static void play(const struct game *game, struct position *position, const struct history *history, game_move move)
{
    struct reversi_position *board = board_of(position);
    (void)history;
    memmove(position->recent + 1, position->recent, sizeof position->recent - sizeof *position->recent);
    position->recent[0] = move;
    position->ply++;
    if (move != game->pass) {
        uint64_t *own = &board->discs[position->colour - GAME_BLACK],
                 *enemy = &board->discs[GAME_WHITE - position->colour];
        uint64_t disc = (uint64_t)1 << bit_of(game, move), flips = find_flips(disc, *own, *enemy);
        *own |= disc | flips;
        *enemy &= ~flips;
    }
    position->player ^= 1;
    position->colour = (uint8_t)game_other(position->colour);
    set_hashes(position);
    if (move != game->pass)
        finish_if_stuck(game, position);
}

static void result(const struct game *game, const struct position *position, struct game_result *out)
{
    (void)game;
    int margin = disc_margin(board_at(position));
    out->margin = (float)margin;
    out->outcome = margin > 0 ? GAME_WON_0 : margin < 0 ? GAME_WON_1 : GAME_DRAWN;
    out->over = game_over(position);
}

static enum game_colour stone(const struct game *game, const struct position *position, int point)
{
    const struct reversi_position *board = board_at(position);
    int bit = bit_of(game, point);
    return board->discs[0] >> bit & 1 ? GAME_BLACK : board->discs[1] >> bit & 1 ? GAME_WHITE : GAME_EMPTY;
}

static void final_map(const struct game *game, const struct position *position, int8_t *map)
{
    for (int p = 0; p < game->points; p++) {
        enum game_colour there = stone(game, position, p);
        map[p] = (int8_t)((there == GAME_BLACK) - (there == GAME_WHITE));
    }
}

static bool set_up(const struct game *game, struct position *position, const uint8_t *stones, enum game_colour colour,
                   GError **error)
{
    struct reversi_position *board = board_of(position);
    (void)error; /* every arrangement of discs is allowed */
    init(game, position);
    board->discs[0] = board->discs[1] = 0;
    for (int p = 0; p < game->points; p++)
        if (stones[p] != GAME_EMPTY) {
            board->discs[stones[p] - GAME_BLACK] |= (uint64_t)1 << bit_of(game, p);
            position->ply++;
        }
    position->colour = (uint8_t)colour;
    position->player = colour == GAME_WHITE;
    set_hashes(position);
    finish_if_stuck(game, position);
    return true;
}

static const char *check(const struct game *game, const struct position *position)
{
    const struct reversi_position *board = board_at(position);
    struct reversi_position again = *board;
    again.head.outcome = GAME_ONGOING;
    set_hashes(&again.head);
    finish_if_stuck(game, &again.head);
    if (board->discs[0] & board->discs[1])
        return "two discs in one cell";
    if ((board->discs[0] | board->discs[1]) & ~board_mask(game))
        return "a disc off the board";
    if (again.head.hash != position->hash || again.head.stones_hash != position->stones_hash)
        return "a hash is wrong";
    if (again.head.outcome != position->outcome)
        return "the outcome does not match the moves that are left";
    if (position->colour != GAME_BLACK + position->player || position->black_player != 0)
        return "player and colour disagree";
    return NULL;
}

/* ---- texts for users ---- */

static const char *refusal(const struct game *game, const struct position *position, const struct history *history,
                           game_move move)
{
    (void)position, (void)history;
    return move == game->pass ? GAME_TEXT("You may pass only if you have no other move")
                              : GAME_TEXT("A disc must flip at least one disc of the other colour");
}

static int tally(const struct game *game, const struct position *position, int player)
{
    (void)game;
    return __builtin_popcountll(board_at(position)->discs[player]);
}

/* ---- features, from the view of the side to move ---- */

enum { PLANE_ONES, PLANE_OWN, PLANE_OTHER, PLANE_LEGAL, PLANE_OTHER_LEGAL, PLANE_LAST, PLANES = PLANE_LAST + 2 };
enum { GLOBAL_FILLED, GLOBAL_MUST_PASS, GLOBAL_PASSED, GLOBAL_SIZE, GLOBALS };

static void encode(const struct game *game, const struct position *position, const struct history *history,
                   const uint16_t *to, float *planes, float *globals)
{
    const struct reversi_position *board = board_at(position);
    const int own = position->colour, points = game->points;
    (void)history;
    const uint64_t sets[PLANE_LAST] = {board_mask(game), board->discs[own - GAME_BLACK], board->discs[GAME_WHITE - own],
                                       moves_of(game, position, own), moves_of(game, position, game_other(own))};
    memset(planes, 0, sizeof *planes * PLANES * (size_t)points);
    for (int plane = 0; plane < PLANE_LAST; plane++)
        for (uint64_t bits = sets[plane]; bits; bits &= bits - 1)
            planes[plane * points + to[point_of(game, __builtin_ctzll(bits))]] = 1;
    for (int i = 0; i < PLANES - PLANE_LAST; i++)
        if (position->recent[i] < points)
            planes[(PLANE_LAST + i) * points + to[position->recent[i]]] = 1;
    globals[GLOBAL_FILLED] = (float)__builtin_popcountll(board->discs[0] | board->discs[1]) / (float)points;
    globals[GLOBAL_MUST_PASS] = !sets[PLANE_LEGAL];
    globals[GLOBAL_PASSED] = position->recent[0] == game->pass;
    globals[GLOBAL_SIZE] = (float)game->width / 8.0f;
}

static const struct game_features features_v1 = {
    .name = "reversi-v1", .planes = PLANES, .globals = GLOBALS, .encode = encode};
static const struct game_features *const features[] = {&features_v1, NULL};
static const struct game_option options[] = {{NULL}};
static const struct game_other_move other_moves[] = {{GAME_TEXT("pass"), GAME_TEXT("Pass")}, {NULL, NULL}};

const struct game_ops reversi_ops = {
    .name = "reversi",
    .summary = "Reversi (Othello): discs are flipped, more discs win",
    .traits = {.title = GAME_TEXT("Reversi"),
               .tally = GAME_TEXT("%d discs"),
               .first_shape = {8, 8},
               .look = {.cells = true, .ground = 0x2f8255},
               .records = {.sgf = 2, .numbered_rows = true},
               .learning = {.opening_plies = 8, .opening_uniform = 0.5}},
    .min_size = 4,
    .max_size = 8,
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
    .playout = game_playout_uniform,
    .final_map = final_map,
    .stone = stone,
    .set_up = set_up,
    .refusal = refusal,
    .tally = tally,
    .check = check,
};
