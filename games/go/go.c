/* Go: initial position, legality, play, superko. Options and rule sets are in rules.c, the board in board.h, scoring in
 * score.c, feature planes in features.c, playouts in playout.c, set-up positions in setup.c. */
#include "games/game.h"
#include "games/go/bits.h"
#include "games/go/board.h"
#include "games/go/go.h"
#include "games/go/ops.h"

/* ---- initial position ---- */

void go_clear(const struct game *game, struct position *position)
{
    const struct go_tables *t = go_tables(game);
    struct go_position *go = (struct go_position *)position;
    memset(go, 0, game->position_bytes);
    for (int c = 0; c < t->cells; c++)
        go->cells[c].colour = t->point[c] == GAME_NO_MOVE ? GO_BORDER : GAME_EMPTY;
    for (int i = 0; i < GAME_RECENT; i++)
        go->base.recent[i] = GAME_NO_MOVE;
    go->base.colour = GAME_BLACK;
}

static void init(const struct game *game, struct position *position)
{
    go_clear(game, position);
    int count = game->option[GO_OPTION_HANDICAP];
    game_move stones[9];
    if (count && go_fixed_handicap(game->width, count, stones))
        go_place_handicap(game, position, stones, count, NULL);
}

/* go_pass_keys has a key for each number of passes in a row, at most five. */
enum { CLEANUP_KEY = 6 };

uint64_t go_hash(const struct game *game, const struct go_position *go)
{
    uint64_t hash = go->base.stones_hash ^ go_ko_keys[go->ko] ^ go_pass_keys[go->passes] ^
                    (go->base.colour == GAME_WHITE ? go_white_key : 0);
    if (G_LIKELY(game->derived[GO_DERIVED_SCORING] != GO_TERRITORY))
        return hash;
    const int lead = go->prisoners[0] - go->prisoners[1];
    if (lead)
        hash ^= rng_mix((uint64_t)lead);
    return hash ^ (go->cleanup ? go_pass_keys[CLEANUP_KEY + (go->cleanup == GAME_WHITE)] : 0);
}

/* ---- legality ---- */

/* stones_hash after `colour` plays at p. *lives: the stone has a liberty; otherwise the move is suicide. */
static uint64_t stones_hash_after(const struct go_position *go, int stride, int p, int colour, bool *lives)
{
    const struct go_cell *cells = go->cells;
    const int around[4] = {p - 1, p + 1, p - stride, p + stride};
    uint64_t hash = go->base.stones_hash ^ go_stone_keys[colour - 1][p];
    bool liberty = false, captures = false;
    int seen[4], chains = 0;
    for (int i = 0; i < 4; i++) {
        const struct go_cell *cell = &cells[around[i]];
        if (cell->colour == GAME_EMPTY)
            liberty = true;
        if (!go_is_stone(cell->colour))
            continue;
        const int liberties = cells[cell->chain].liberties; /* one point is at most four pseudo-liberties */
        bool atari = liberties <= 4 && liberties == go_touches(cells, p, stride, cell->chain);
        bool known = false;
        for (int k = 0; k < chains; k++)
            known |= seen[k] == cell->chain;
        if (known)
            continue;
        seen[chains++] = cell->chain;
        if (cell->colour == colour) {
            liberty |= !atari;
        } else if (atari) {
            captures = true;
            for (int s = cell->chain, first = 1; first || s != cell->chain; first = 0, s = cells[s].next)
                hash ^= go_stone_keys[cell->colour - 1][s];
        }
    }
    *lives = liberty || captures;
    if (*lives)
        return hash;
    hash ^= go_stone_keys[colour - 1][p]; /* suicide removes the stone and the adjacent own chains */
    for (int k = 0; k < chains; k++)
        for (int s = seen[k], first = 1; cells[seen[k]].colour == colour && (first || s != seen[k]);
             first = 0, s = cells[s].next)
            hash ^= go_stone_keys[colour - 1][s];
    return hash;
}

/* Whether these stones (situational: with the opponent to move) occur in the history or on the present board. */
static inline bool occurred_before(const struct go_position *go, const struct history *history, uint64_t stones,
                                   bool situational)
{
    int to_move = game_other(go->base.colour);
    if (stones == go->base.stones_hash && !situational)
        return true;
    if (!history_may_have(history, stones))
        return false;
    for (int i = history->count - 1; i >= 0; i--)
        if (history->entries[i].stones_hash == stones && (!situational || history->entries[i].colour == to_move))
            return true;
    return false;
}

/* Legality without superko. */
static inline bool legal_before_superko(const struct go_position *go, int stride, int p, bool suicide)
{
    return go->cells[p].colour == GAME_EMPTY && p != go->ko &&
           (suicide || go_would_have_liberty(go->cells, p, stride, go->base.colour));
}

bool go_may_violate_superko(const struct game *game, const struct go_position *go, const struct history *history)
{
    return history && game->derived[GO_DERIVED_KO] != GO_KO_SIMPLE &&
           (go->removed || game->derived[GO_DERIVED_SUICIDE]);
}

/* Until a stone is first removed, every move adds a stone to the board, so that only a suicide can repeat a board. */
static inline bool repeats(const struct game *game, const struct go_position *go, const struct history *history,
                           uint64_t stones, bool lives)
{
    return (go->removed || !lives) &&
           occurred_before(go, history, stones, game->derived[GO_DERIVED_KO] == GO_KO_SITUATIONAL);
}

bool go_violates_superko(const struct game *game, const struct go_position *go, const struct history *history, int p)
{
    bool lives;
    uint64_t stones = stones_hash_after(go, go_tables(game)->stride, p, go->base.colour, &lives);
    return repeats(game, go, history, stones, lives);
}

static bool legal(const struct game *game, const struct position *position, const struct history *history,
                  game_move move)
{
    const struct go_position *go = go_position(position);
    if (position->outcome != GAME_ONGOING || move > game->points)
        return false;
    if (move == game->points)
        return true;
    int p = go_tables(game)->cell[move];
    return legal_before_superko(go, go_tables(game)->stride, p, game->derived[GO_DERIVED_SUICIDE]) &&
           !(go_may_violate_superko(game, go, history) && go_violates_superko(game, go, history, p));
}

/* Empty cells where a stone certainly has a liberty: they are adjacent to an empty cell or to an own chain that has
 * other liberties. *plain: those where it certainly captures nothing, because no adjacent enemy chain can be in atari.
 * A chain in atari has at most four pseudo-liberties. */
GO_BITS_INLINE struct go_bits find_live_cells(int n, const struct go_tables *t, const struct go_cell *cells,
                                              const struct go_bits_board *board, int colour, struct go_bits *plain)
{
    struct go_bits live = board->empty, weak = {{0}};
    GO_BITS_EACH (n, board->stones[colour - 1], own)
        live.w[own >> 6] |= (uint64_t)(cells[cells[own].chain].liberties > 4) << (own & 63);
    GO_BITS_EACH (n, board->stones[2 - colour], enemy)
        weak.w[enemy >> 6] |= (uint64_t)(cells[cells[enemy].chain].liberties <= 4) << (enemy & 63);
    live = go_bits_near(n, &live, t->stride);
    weak = go_bits_near(n, &weak, t->stride);
    for (int i = 0; i < n; i++) {
        live.w[i] &= board->empty.w[i];
        plain->w[i] = live.w[i] & ~weak.w[i];
    }
    return live;
}

GO_BITS_INLINE void list_moves(int n, const struct game *game, const struct position *position,
                               const struct history *history, game_move *moves, int *count)
{
    const struct go_position *go = go_position(position);
    const struct go_tables *t = go_tables(game);
    const uint64_t *keys = go_stone_keys[position->colour - 1];
    const bool superko = go_may_violate_superko(game, go, history), suicide = game->derived[GO_DERIVED_SUICIDE];
    struct go_bits_board board;
    struct go_bits plain;
    go_bits_read(n, go->cells, t->cells, &board);
    struct go_bits live = find_live_cells(n, t, go->cells, &board, position->colour, &plain);
    /* Cells where the stones after the move are those before it and the new one, or are not needed. */
    const struct go_bits *simple = superko && go->removed ? &plain : &live;
    int made = 0;
    GO_BITS_EACH (n, board.empty, c) {
        const int p = (int)c;
        uint64_t stones = position->stones_hash ^ keys[p];
        bool lives = true;
        if (!go_bits_has(simple, p))
            stones = stones_hash_after(go, t->stride, p, position->colour, &lives);
        bool allowed = p != go->ko && (lives || suicide) && !(superko && repeats(game, go, history, stones, lives));
        moves[made] = t->point[p];
        made += allowed;
    }
    *count = made;
}

static int legal_moves(const struct game *game, const struct position *position, const struct history *history,
                       game_move *moves)
{
    int count = 0;
    if (position->outcome != GAME_ONGOING)
        return 0;
    GO_BITS_DISPATCH(go_tables(game)->cells, list_moves, game, position, history, moves, &count);
    moves[count++] = game->points;
    return count;
}

/* ---- play ---- */

void go_finish(const struct game *game, struct position *position)
{
    struct game_result result;
    go_result(game, position, &result);
    position->outcome = (uint8_t)result.outcome;
}

bool go_pass_ends(const struct game *game, const struct go_position *go)
{
    bool first = go->base.colour == go->cleanup; /* in the cleanup phase both sides pay for as many moves */
    return go->passes + 1 >= game->derived[GO_DERIVED_PASSES] &&
           (!game->derived[GO_DERIVED_WHITE_LAST] || go->base.colour == GAME_WHITE) && !first;
}

/* Returns whether the pass ends the game. Not inlined, because passes are rare and `play` is not. */
static G_GNUC_NO_INLINE bool pass(const struct game *game, struct go_position *go)
{
    bool ends = go_pass_ends(game, go);
    int colour = go->base.colour;
    go->ko = 0;
    go->passes++; /* at most five in a row: four, and white's where the last must be white's */
    if (game->derived[GO_DERIVED_PASS_STONES] || go->cleanup)
        go->prisoners[game_other(colour) - 1]++;
    if (!ends || go->cleanup || !game->derived[GO_DERIVED_CLEANUP])
        return ends;
    go->cleanup = (uint8_t)game_other(colour);
    go->passes = 0;
    return false;
}

static void play(const struct game *game, struct position *position, const struct history *history, game_move move)
{
    (void)history; /* superko restricts legality only */
    struct go_position *go = (struct go_position *)position;
    bool done = false;
    if (move == game->points) {
        done = pass(game, go);
    } else {
        go_place(go, go_tables(game)->stride, go_tables(game)->cell[move], position->colour, true, NULL);
        go->passes = 0;
    }
    memmove(position->recent + 1, position->recent, sizeof position->recent - sizeof position->recent[0]);
    position->recent[0] = move;
    position->ply++;
    position->player ^= 1;
    position->colour = (uint8_t)game_other(position->colour);
    position->hash = go_hash(game, go);
    if (done || position->ply >= game->max_plies)
        go_finish(game, position);
}

/* ---- inspection ---- */

static enum game_colour stone(const struct game *game, const struct position *position, int point)
{
    return (enum game_colour)go_position(position)->cells[go_tables(game)->cell[point]].colour;
}

game_move go_ko_point(const struct game *game, const struct position *position)
{
    int ko = go_position(position)->ko;
    return ko ? go_tables(game)->point[ko] : GAME_NO_MOVE;
}

int go_prisoners(const struct position *position, int player)
{
    return go_position(position)->prisoners[player];
}
int go_handicap_stones(const struct position *position)
{
    return go_position(position)->handicap;
}
void go_set_handicap_stones(struct position *position, int stones)
{
    ((struct go_position *)position)->handicap = (uint8_t)CLAMP(stones, 0, 255);
}

static const char *refusal(const struct game *game, const struct position *position, const struct history *history,
                           game_move move)
{
    (void)history;
    if (move >= game->points)
        return NULL;
    if (go_ko_point(game, position) == move)
        return GAME_TEXT("Ko: you may not retake at once; play elsewhere first");
    if (!legal(game, position, NULL, move))
        return GAME_TEXT("Suicide: the stone would have no liberty");
    return GAME_TEXT("Superko: this would repeat an earlier position");
}

static int tally(const struct game *game, const struct position *position, int player)
{
    (void)game;
    return go_prisoners(position, player);
}

static const struct game_other_move other_moves[] = {{GAME_TEXT("pass"), GAME_TEXT("Pass")}, {NULL, NULL}};
static const struct game_features *const features[] = {&go_features_v2, &go_features_v1, NULL};
static int max_handicap(const struct game *game)
{
    return go_max_handicap(game->width);
}

static void unattended(struct game *game)
{
    if (game->derived[GO_DERIVED_SCORING] == GO_TERRITORY)
        game->option[GO_OPTION_CLEANUP] = 1;
}

static const struct game_handicap handicap = {.option = GO_OPTION_HANDICAP, .max = max_handicap};
static const struct game_counting counting = {
    .find_dead = go_find_dead,
    .finished = go_is_finished,
    .settled = go_find_settled,
    .chains = go_chains,
    .count = go_count,
};

const struct game_ops go_ops = {
    .name = "go",
    .summary = "Go by area or territory, black first",
    .traits = {.title = GAME_TEXT("Go"),
               .tally = GAME_TEXT("%d captured"),
               .history_decides = true,
               .first_shape = {9, 9},
               .look = {.stars = 9},
               .records = {.sgf = 1, .shape = {19, 19}},
               .learning = {.opening_plies = 4, .opening_uniform = 0.2, .opening_balance = 1}},
    .min_size = GO_MIN_SIZE,
    .max_size = GO_MAX_SIZE,
    .symmetries = 8,
    .options = go_options,
    .features = features,
    .other_moves = other_moves,
    .komi = &go_komi,
    .handicap = &handicap,
    .counting = &counting,
    .unattended = unattended,
    .configure = go_configure,
    .init = init,
    .legal = legal,
    .legal_moves = legal_moves,
    .play = play,
    .result = go_result,
    .playout = go_playout,
    .final_map = go_final_map,
    .stone = stone,
    .set_up = go_set_up,
    .prune = go_prune,
    .refusal = refusal,
    .tally = tally,
    .check = go_check,
};
