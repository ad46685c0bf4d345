/* The feature planes of Gomoku, "gomoku-v1". OWN is the side to move, OTHER its opponent. */
#include "games/game.h"
#include "games/gomoku/board.h"
#include "games/gomoku/gomoku.h"

enum {
    PLANE_ONES, /* 1 on the board: distinguishes it from the zero padding */
    PLANE_OWN,  /* stones */
    PLANE_OTHER,
    PLANE_LEGAL,                     /* points where the side to move may play now */
    PLANE_FORBIDDEN,                 /* renju: empty points forbidden to black, whichever side moves */
    PLANE_LAST,                      /* the last four moves, newest first, one plane each */
    PLANE_OWN_FIVE = PLANE_LAST + 4, /* points that complete a winning line; see struct gomoku_threats */
    PLANE_OTHER_FIVE,
    PLANE_OWN_STRAIGHT_FOUR,
    PLANE_OTHER_STRAIGHT_FOUR,
    PLANE_OWN_FOUR, /* fours and threes: 0.5 for one direction, 1 for two or more */
    PLANE_OTHER_FOUR,
    PLANE_OWN_THREE,
    PLANE_OTHER_THREE,
    PLANES,
};

enum {
    GLOBAL_RULES,                                        /* one-hot, five */
    GLOBAL_PHASE = GLOBAL_RULES + GOMOKU_CARO_EXACT + 1, /* one-hot, eight */
    GLOBAL_HOLDS_BLACK = GLOBAL_PHASE + GOMOKU_PHASES,   /* 1 if the player to move has black */
    GLOBAL_PLACES_BLACK,                                 /* 1 if the next stone is black */
    GLOBAL_LINE,                                         /* winning length / 10 */
    GLOBAL_SIZE,                                         /* size / 20 */
    GLOBAL_FILLED,                                       /* stones / points */
    GLOBALS,
};
_Static_assert((int)PLANES <= GAME_MAX_PLANES && (int)GLOBALS <= GAME_MAX_GLOBALS, "features fit");

/* Adds `step` on each marked point, up to 1. */
static void scatter(int size, const uint32_t marks[GOMOKU_DIRECTIONS][GOMOKU_LINES], float step, const uint16_t *to,
                    float *plane)
{
    for (int d = 0; d < GOMOKU_DIRECTIONS; d++)
        for (int line = 0; line < gomoku_line_count(size, d); line++)
            for (uint32_t bits = marks[d][line]; bits; bits &= bits - 1) {
                float *value = &plane[to[gomoku_line_point(size, d, line, __builtin_ctz(bits))]];
                *value = *value + step < 1.0f ? *value + step : 1.0f;
            }
}

static void encode_threats(const struct game *game, const struct position *position, int own, const uint16_t *to,
                           float *planes)
{
    struct gomoku_threats threats;
    int points = game->points;
    for (int other = 0; other < 2; other++) {
        gomoku_find_threats(game, position, other ? game_other(own) : own, &threats);
        scatter(game->width, threats.five, 1.0f, to, planes + (PLANE_OWN_FIVE + other) * points);
        scatter(game->width, threats.straight_four, 1.0f, to, planes + (PLANE_OWN_STRAIGHT_FOUR + other) * points);
        scatter(game->width, threats.four, 0.5f, to, planes + (PLANE_OWN_FOUR + other) * points);
        scatter(game->width, threats.three, 0.5f, to, planes + (PLANE_OWN_THREE + other) * points);
    }
}

static void encode_stones(const struct game *game, const struct position *position, int own, const uint16_t *to,
                          float *planes)
{
    const struct gomoku_position *board = gomoku_board(position);
    for (int y = 0, p = 0; y < game->width; y++) {
        uint32_t mine = board->lines[own - GAME_BLACK][0][y], theirs = board->lines[GAME_WHITE - own][0][y];
        for (int x = 0; x < game->width; x++, p++) {
            planes[PLANE_ONES * game->points + to[p]] = 1;
            planes[PLANE_OWN * game->points + to[p]] = (float)(mine >> x & 1);
            planes[PLANE_OTHER * game->points + to[p]] = (float)(theirs >> x & 1);
        }
    }
}

static void encode_legal(const struct game *game, const struct position *position, const uint16_t *to, float *planes)
{
    const struct gomoku_position *board = gomoku_board(position);
    bool renju = game->option[GOMOKU_OPTION_RULES] == GOMOKU_RENJU, black = position->colour == GAME_BLACK;
    bool over = game_over(position);
    for (int y = 0; y < game->width; y++)
        for (uint32_t bits = gomoku_empty_row(board, game->width, y); bits; bits &= bits - 1) {
            int x = __builtin_ctz(bits), p = y * game->width + x;
            bool forbidden = renju && gomoku_forbidden_kind(game, position, p) != GOMOKU_ALLOWED;
            bool here = position->phase == GOMOKU_PLAY || gomoku_opening_point(game, position, x, y);
            planes[PLANE_FORBIDDEN * game->points + to[p]] = forbidden;
            planes[PLANE_LEGAL * game->points + to[p]] = here && !over && !(forbidden && black);
        }
}

static void encode_globals(const struct game *game, const struct position *position, int own, float *globals)
{
    memset(globals, 0, sizeof *globals * GLOBALS);
    globals[GLOBAL_RULES + game->option[GOMOKU_OPTION_RULES]] = 1;
    globals[GLOBAL_PHASE + position->phase] = 1;
    globals[GLOBAL_HOLDS_BLACK] = own == GAME_BLACK;
    globals[GLOBAL_PLACES_BLACK] = position->colour == GAME_BLACK;
    globals[GLOBAL_LINE] = (float)game->option[GOMOKU_OPTION_LINE] / 10.0f;
    globals[GLOBAL_SIZE] = (float)game->width / (float)GAME_MAX_SIZE;
    globals[GLOBAL_FILLED] = 1.0f - (float)gomoku_board(position)->empties / (float)game->points;
}

static void encode(const struct game *game, const struct position *position, const struct history *history,
                   const uint16_t *to, float *planes, float *globals)
{
    (void)history;
    int points = game->points, own = position->player == position->black_player ? GAME_BLACK : GAME_WHITE;
    memset(planes, 0, sizeof *planes * PLANES * (size_t)points);
    encode_stones(game, position, own, to, planes);
    encode_legal(game, position, to, planes);
    for (int i = 0; i < 4; i++)
        if (position->recent[i] < points)
            planes[(PLANE_LAST + i) * points + to[position->recent[i]]] = 1;
    encode_threats(game, position, own, to, planes);
    encode_globals(game, position, own, globals);
}

const struct game_features gomoku_features_v1 = {
    .name = "gomoku-v1", .planes = PLANES, .globals = GLOBALS, .encode = encode};
