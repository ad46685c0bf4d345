/* Uniformly random playouts over the legal points, without tactics. They work on a private copy of the lines and a list
 * of the empty points; to draw a point, the last entry is moved to its place. */
#include "games/game.h"
#include "games/gomoku/board.h"
#include "games/gomoku/gomoku.h"

struct playout {
    uint32_t lines[2][GOMOKU_DIRECTIONS][GOMOKU_LINES];
    struct point {
        uint8_t x, y;
    } empty[GAME_MAX_POINTS];
    int empties, colour, played;
};

static void start(struct playout *playout, const struct game *game, const struct position *position)
{
    const struct gomoku_position *board = gomoku_board(position);
    memcpy(playout->lines, board->lines, sizeof playout->lines);
    playout->empties = 0;
    playout->played = 0;
    playout->colour = position->colour;
    for (int y = 0; y < game->width; y++)
        for (uint32_t bits = gomoku_empty_row(board, game->width, y); bits; bits &= bits - 1)
            playout->empty[playout->empties++] = (struct point){(uint8_t)__builtin_ctz(bits), (uint8_t)y};
}

/* Plays until a side wins or the board is full; returns the winning colour or GAME_EMPTY. Inlined with constants for
 * the usual line of five. */
static inline __attribute__((always_inline)) int finish(struct playout *p, struct rng *rng, int size, int line,
                                                        int rules)
{
    int colour = p->colour, first = p->empties, n = p->empties;
    bool won = false;
    while (n > 0 && !won) {
        uint32_t i = rng_below(rng, (uint32_t)n);
        struct point at = p->empty[i];
        p->empty[i] = p->empty[--n];
        won = gomoku_put(p->lines, size, line, rules, colour, at.x, at.y);
        colour = game_other(colour);
    }
    p->played = first - n;
    return won ? game_other(colour) : GAME_EMPTY;
}

/* The slow path for opening phases and renju, where the legality of each point has to be checked: draws an index of
 * moves[n] that is legal. Illegal draws are rejected without replacement, so all legal points are equally likely. There
 * is one, because a position without legal moves is over. */
static int draw_legal(const struct game *game, const struct position *position, struct rng *rng, game_move *moves,
                      int n)
{
    int left = n;
    while (left > 0) {
        int i = (int)rng_below(rng, (uint32_t)left);
        game_move move = moves[i];
        moves[i] = moves[--left];
        moves[left] = move;
        if (game->ops->legal(game, position, NULL, move))
            return left;
    }
    g_assert_not_reached();
}

static int play_by_rules(const struct game *game, struct position *position, struct rng *rng, bool to_the_end)
{
    game_move moves[GAME_MAX_MOVES];
    int n = 0, played = 0;
    for (int p = 0; p < game->points; p++)
        if (game->ops->stone(game, position, p) == GAME_EMPTY)
            moves[n++] = (game_move)p;
    while (!game_over(position) && (to_the_end || position->phase != GOMOKU_PLAY)) {
        if (position->phase == GOMOKU_CHOOSE || position->phase == GOMOKU_CHOOSE_AGAIN) {
            game_move decisions[GAME_MAX_MOVES];
            int count = game->ops->legal_moves(game, position, NULL, decisions);
            game->ops->play(game, position, NULL, decisions[rng_below(rng, (uint32_t)count)]);
        } else {
            int i = draw_legal(game, position, rng, moves, n);
            game_move move = moves[i];
            moves[i] = moves[--n];
            game->ops->play(game, position, NULL, move);
        }
        played++;
    }
    return played;
}

int gomoku_playout(const struct game *game, struct position *position, struct rng *rng, struct game_result *result)
{
    int rules = game->option[GOMOKU_OPTION_RULES], line = game->option[GOMOKU_OPTION_LINE];
    int opening = play_by_rules(game, position, rng, rules == GOMOKU_RENJU);
    if (game_over(position)) {
        game->ops->result(game, position, result);
        return opening;
    }
    struct playout playout;
    start(&playout, game, position);
    int winner;
    if (rules == GOMOKU_FREESTYLE && line == 5)
        winner = finish(&playout, rng, game->width, 5, GOMOKU_FREESTYLE);
    else
        winner = finish(&playout, rng, game->width, line, rules);
    int player = (winner == GAME_BLACK) == (position->black_player == 0) ? 0 : 1;
    *result = (struct game_result){.outcome = winner == GAME_EMPTY ? GAME_DRAWN
                                              : player             ? GAME_WON_1
                                                                   : GAME_WON_0,
                                   .over = true};
    return opening + playout.played;
}
