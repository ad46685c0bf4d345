/* Connect Four on boards of 4 to 8 columns and 4 to 7 rows: a disc falls to the lowest free cell of its column; four in
 * a row win. A move is the cell where the disc comes to rest, so that the policy has the shape of the board; at most
 * one cell of a column is legal.
 *
 * Cell (x, y), with y counted from the bottom, is bit x * (height + 1) + y of discs[colour - GAME_BLACK]. The bit above
 * a column is always 0, so that no line continues from the top of one column into the next.
 *
 * Black is player 0 and moves first. The board has two symmetries: the identity and the reflection left to right. */
#include "games/game.h"

enum { LINE = 4, MAX_HEIGHT = 7 };

struct connect4_position {
    struct position head;
    uint64_t discs[2];
};

static struct connect4_position *board_of(struct position *position)
{
    return (struct connect4_position *)position;
}
static const struct connect4_position *board_at(const struct position *position)
{
    return (const struct connect4_position *)position;
}

static int bit_of(const struct game *game, int point)
{
    return point % game->width * (game->height + 1) + game->height - 1 - point / game->width;
}

/* The lowest cell of each column. */
static uint64_t floor_of(const struct game *game)
{
    uint64_t cells = 0;
    for (int x = 0; x < game->width; x++)
        cells |= (uint64_t)1 << x * (game->height + 1);
    return cells;
}

/* The legal cells: adding 1 at the bottom of a column carries over its discs to the cell above them, which for a full
 * column is not on the board. */
static uint64_t moves_of(const struct game *game, const struct position *position)
{
    const struct connect4_position *board = board_at(position);
    uint64_t floor = floor_of(game), cells = floor * (((uint64_t)1 << game->height) - 1);
    return ((board->discs[0] | board->discs[1]) + floor) & cells;
}

/* All discs that belong to a line of four. */
static uint64_t find_lines(const struct game *game, uint64_t discs)
{
    const int column = game->height + 1, directions[] = {1, column, column + 1, column - 1};
    uint64_t found = 0;
    for (size_t d = 0; d < G_N_ELEMENTS(directions); d++) {
        uint64_t pairs = discs & discs >> directions[d], starts = pairs & pairs >> 2 * directions[d];
        for (int i = 0; i < LINE; i++)
            found |= starts << i * directions[d];
    }
    return found;
}

/* ---- the game ---- */

static bool configure(struct game *game, GError **error)
{
    if (game->height > MAX_HEIGHT) {
        g_set_error(error, GAME_ERROR, GAME_ERROR_SPEC,
                    "connect4:%dx%d: a board has at most %d rows; for example "
                    "connect4:8x7",
                    game->width, game->height, MAX_HEIGHT);
        return false;
    }
    game->position_bytes = sizeof(struct connect4_position);
    game->max_plies = game->points;
    game->has_draws = true;
    return true;
}

static void set_hashes(struct position *position)
{
    const struct connect4_position *board = board_at(position);
    position->stones_hash = rng_mix(rng_mix(board->discs[0] ^ 0x636f6e6e656374u) ^ board->discs[1]);
    position->hash = position->stones_hash ^ (position->colour == GAME_WHITE ? rng_mix(0x7768697465u) : 0);
}

static void set_outcome(const struct game *game, struct position *position)
{
    const struct connect4_position *board = board_at(position);
    position->outcome = find_lines(game, board->discs[0])   ? GAME_WON_0
                        : find_lines(game, board->discs[1]) ? GAME_WON_1
                        : !moves_of(game, position)         ? GAME_DRAWN
                                                            : GAME_ONGOING;
}

static void init(const struct game *game, struct position *position)
{
    (void)game;
    memset(board_of(position), 0, sizeof(struct connect4_position));
    memset(position->recent, 0xff, sizeof position->recent);
    position->colour = GAME_BLACK;
    set_hashes(position);
}

static bool legal(const struct game *game, const struct position *position, const struct history *history,
                  game_move move)
{
    (void)history;
    return !game_over(position) && move < game->points && (moves_of(game, position) >> bit_of(game, move) & 1);
}

static int legal_moves(const struct game *game, const struct position *position, const struct history *history,
                       game_move *moves)
{
    int count = 0;
    (void)history;
    if (game_over(position))
        return 0;
    uint64_t cells = moves_of(game, position);
    for (int p = 0; p < game->points; p++)
        if (cells >> bit_of(game, p) & 1)
            moves[count++] = (game_move)p;
    return count;
}

static void play(const struct game *game, struct position *position, const struct history *history, game_move move)
{
    (void)history;
    memmove(position->recent + 1, position->recent, sizeof position->recent - sizeof *position->recent);
    position->recent[0] = move;
    position->ply++;
    board_of(position)->discs[position->colour - GAME_BLACK] |= (uint64_t)1 << bit_of(game, move);
    position->player ^= 1;
    position->colour = (uint8_t)game_other(position->colour);
    set_hashes(position);
    set_outcome(game, position);
}

static void result(const struct game *game, const struct position *position, struct game_result *out)
{
    (void)game;
    out->over = game_over(position);
    out->outcome = out->over ? (enum game_outcome)position->outcome : GAME_DRAWN;
    out->margin = 0;
}

static enum game_colour stone(const struct game *game, const struct position *position, int point)
{
    const struct connect4_position *board = board_at(position);
    int bit = bit_of(game, point);
    return board->discs[0] >> bit & 1 ? GAME_BLACK : board->discs[1] >> bit & 1 ? GAME_WHITE : GAME_EMPTY;
}

static void final_map(const struct game *game, const struct position *position, int8_t *map)
{
    const struct connect4_position *board = board_at(position);
    uint64_t black = find_lines(game, board->discs[0]), white = find_lines(game, board->discs[1]);
    for (int p = 0; p < game->points; p++)
        map[p] = (int8_t)((black >> bit_of(game, p) & 1) - (white >> bit_of(game, p) & 1));
}

static bool set_up(const struct game *game, struct position *position, const uint8_t *stones, enum game_colour colour,
                   GError **error)
{
    struct connect4_position made = {.head = {.colour = (uint8_t)colour, .player = colour == GAME_WHITE}};
    memset(made.head.recent, 0xff, sizeof made.head.recent);
    for (int p = 0; p < game->points; p++) {
        if (stones[p] == GAME_EMPTY)
            continue;
        if (p + game->width < game->points && stones[p + game->width] == GAME_EMPTY) {
            g_set_error(error, GAME_ERROR, GAME_ERROR_SPEC, "row %d, column %d: this disc has nothing to rest on",
                        p / game->width + 1, p % game->width + 1);
            return false;
        }
        made.discs[stones[p] - GAME_BLACK] |= (uint64_t)1 << bit_of(game, p);
        made.head.ply++;
    }
    set_hashes(&made.head);
    set_outcome(game, &made.head);
    game_copy(game, position, &made.head);
    return true;
}

static const char *check(const struct game *game, const struct position *position)
{
    const struct connect4_position *board = board_at(position);
    struct connect4_position again = *board;
    uint64_t all = board->discs[0] | board->discs[1], on_floor = floor_of(game);
    set_hashes(&again.head);
    set_outcome(game, &again.head);
    if (board->discs[0] & board->discs[1])
        return "two discs in one cell";
    if (all & ~(on_floor * (((uint64_t)1 << game->height) - 1)))
        return "a disc off the board";
    if (all & ~on_floor & ~(all << 1))
        return "the cell below a disc is empty";
    if (again.head.hash != position->hash || again.head.stones_hash != position->stones_hash)
        return "a hash is wrong";
    if (again.head.outcome != position->outcome)
        return "the outcome is wrong";
    if (position->colour != GAME_BLACK + position->player || position->black_player != 0)
        return "player and colour disagree";
    return NULL;
}

/* A full column has no free cell: there the point itself, which is refused. */
static game_move point_move(const struct game *game, const struct position *position, int point)
{
    for (int p = game->points - game->width + point % game->width; p >= 0; p -= game->width)
        if (stone(game, position, p) == GAME_EMPTY)
            return (game_move)p;
    return (game_move)point;
}

static const char *refusal(const struct game *game, const struct position *position, const struct history *history,
                           game_move move)
{
    (void)game, (void)position, (void)history, (void)move;
    return GAME_TEXT("A disc falls to the lowest free cell of its column");
}

/* ---- features, from the view of the side to move ---- */

enum { PLANE_ONES, PLANE_FLOOR, PLANE_OWN, PLANE_OTHER, PLANE_LEGAL, PLANE_LAST, PLANES };
enum { GLOBAL_FILLED, GLOBAL_WIDTH, GLOBAL_HEIGHT, GLOBALS };

static void encode(const struct game *game, const struct position *position, const struct history *history,
                   const uint16_t *to, float *planes, float *globals)
{
    const struct connect4_position *board = board_at(position);
    const int points = game->points, own = position->colour - GAME_BLACK;
    (void)history;
    const uint64_t sets[PLANE_LAST] = {~(uint64_t)0, floor_of(game), board->discs[own], board->discs[1 - own],
                                       game_over(position) ? 0 : moves_of(game, position)};
    memset(planes, 0, sizeof *planes * PLANES * (size_t)points);
    for (int plane = 0; plane < PLANE_LAST; plane++)
        for (int p = 0; p < points; p++)
            planes[plane * points + to[p]] = (float)(sets[plane] >> bit_of(game, p) & 1);
    if (position->recent[0] < points)
        planes[PLANE_LAST * points + to[position->recent[0]]] = 1;
    globals[GLOBAL_FILLED] = (float)position->ply / (float)points;
    globals[GLOBAL_WIDTH] = (float)game->width / 8.0f;
    globals[GLOBAL_HEIGHT] = (float)game->height / 8.0f;
}

static const struct game_features features_v1 = {
    .name = "connect4-v1", .planes = PLANES, .globals = GLOBALS, .encode = encode};
static const struct game_features *const features[] = {&features_v1, NULL};
static const struct game_option options[] = {{NULL}};
static const struct game_other_move other_moves[] = {{NULL, NULL}};

const struct game_ops connect4_ops = {
    .name = "connect4",
    .summary = "Connect Four: discs fall down their column, four in a row win",
    .traits = {.title = GAME_TEXT("Connect Four"),
               .map = GAME_MAP_LINE,
               .first_shape = {7, 6},
               .look = {.cells = true, .ground = 0x3a6fc4},
               .records = {.numbered_rows = true},
               .learning = {.opening_plies = 4, .opening_uniform = 1}},
    .min_size = 4,
    .max_size = 8,
    .rectangles = true,
    .symmetries = 2,
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
    .point_move = point_move,
    .check = check,
};
