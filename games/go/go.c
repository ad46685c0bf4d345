/* Go: options and rule sets, the opening board, legality, play, superko. The board is in board.h; counting in
 * score.c, what a network sees in features.c, playouts in playout.c, set-up in setup.c. */
#include "games/go/bits.h"
#include "games/go/board.h"
#include "games/go/ops.h"

#include <pthread.h>

uint64_t go_stone_keys[2][GO_MAX_CELLS], go_ko_keys[GO_MAX_CELLS];
uint64_t go_white_key, go_pass_keys[8];
static struct go_tables tables[GO_MAX_SIZE + 1];
static pthread_once_t tables_once = PTHREAD_ONCE_INIT;

static void fill_table(struct go_tables *t, int size)
{
    t->size = size;
    t->stride = size + 1;
    t->cells = (size + 2) * (size + 1) + 1;
    t->points = size * size;
    for (int c = 0; c < t->cells; c++)
        t->point[c] = GAME_NO_MOVE;
    for (int p = 0; p < t->points; p++) {
        t->cell[p] = (uint16_t)((p / size + 1) * t->stride + p % size + 1);
        t->point[t->cell[p]] = (uint16_t)p;
    }
}

static void fill_tables(void)
{
    uint64_t n = 0x60; /* any fixed start: hashes are the same in every process */
    for (int size = GO_MIN_SIZE; size <= GO_MAX_SIZE; size++)
        fill_table(&tables[size], size);
    for (int c = 0; c < GO_MAX_CELLS; c++) {
        go_stone_keys[0][c] = rng_mix(++n << 20);
        go_stone_keys[1][c] = rng_mix(++n << 20);
        go_ko_keys[c] = c ? rng_mix(++n << 20) : 0;
    }
    go_white_key = rng_mix(++n << 20);
    for (int i = 1; i < 8; i++)
        go_pass_keys[i] = rng_mix(++n << 20);
}

/* ---- options ---- */

static const char *const rules_texts[] = {"tromp-taylor", "chinese", "aga", "japanese", NULL};
static const char *const yes_texts[] = {"rule", "no", "yes", NULL};
static const char *const ko_texts[] = {"rule", "simple", "positional", "situational", NULL};
static const char *const scoring_texts[] = {"rule", "area", "territory", NULL};
static const char *const bonus_texts[] = {"rule", "none", "n", "n-1", NULL};
static const char *const last_texts[] = {"rule", "any", "white", NULL};

static const struct game_option options[] = {
    {"komi", GAME_OPTION_HALF, -2000, 2000, 14, NULL, "points for white"},
    {"rules", GAME_OPTION_CHOICE, 0, 3, 0, rules_texts, "rule set: presets the options marked \"rule\""},
    {"suicide", GAME_OPTION_CHOICE, 0, 2, 0, yes_texts, "may a move take its own chain off (tromp-taylor: yes)"},
    {"ko", GAME_OPTION_CHOICE, 0, 3, 0, ko_texts,
     "which boards may not come back (situational in aga, simple in japanese)"},
    {"scoring", GAME_OPTION_CHOICE, 0, 2, 0, scoring_texts, "area, or territory (japanese)"},
    {"handicap", GAME_OPTION_INT, 0, 9, 0, NULL, "black stones on the fixed points at the start; white moves first"},
    {"bonus", GAME_OPTION_CHOICE, 0, 3, 0, bonus_texts,
     "white's points for N handicap stones (n in chinese, n-1 in aga)"},
    {"cap", GAME_OPTION_INT, 0, 20000, 0, NULL, "moves after which a game is scored as it lies; 0: 4 a point + 20"},
    {"passes", GAME_OPTION_INT, 2, 4, 2, NULL, "passes in a row that end a game"},
    {"last", GAME_OPTION_CHOICE, 0, 2, 0, last_texts, "who must make the last pass (white in aga)"},
    {"passstones", GAME_OPTION_CHOICE, 0, 2, 0, yes_texts, "does a pass give a prisoner (yes in aga)"},
    {NULL, 0, 0, 0, 0, NULL, NULL},
};

/* What "rule" stands for, by rule set; values are those of the option's texts less one. */
static const struct {
    int option, own, by_rules[4];
} derived[] = {
    {GO_OPTION_SUICIDE, GO_OWN_SUICIDE, {1, 0, 0, 0}},
    {GO_OPTION_KO, GO_OWN_KO, {GO_KO_POSITIONAL, GO_KO_POSITIONAL, GO_KO_SITUATIONAL, GO_KO_SIMPLE}},
    {GO_OPTION_SCORING, GO_OWN_SCORING, {GO_AREA, GO_AREA, GO_AREA, GO_TERRITORY}},
    {GO_OPTION_BONUS, GO_OWN_BONUS, {GO_BONUS_NONE, GO_BONUS_N, GO_BONUS_N_LESS_ONE, GO_BONUS_NONE}},
    {GO_OPTION_LAST_PASS, GO_OWN_WHITE_LAST, {0, 0, 1, 0}},
    {GO_OPTION_PASS_STONES, GO_OWN_PASS_STONES, {0, 0, 1, 0}},
};

static bool configure(struct game *game, GError **error)
{
    pthread_once(&tables_once, fill_tables);
    const int *option = game->option;
    for (size_t i = 0; i < G_N_ELEMENTS(derived); i++) {
        int given = option[derived[i].option];
        game->own[derived[i].own] = given ? given - 1 : derived[i].by_rules[option[GO_OPTION_RULES]];
    }
    game->own[GO_OWN_PASSES] = option[GO_OPTION_PASSES];
    game_move stones[9];
    if (option[GO_OPTION_HANDICAP] && !go_fixed_handicap(game->size, option[GO_OPTION_HANDICAP], stones)) {
        int most = go_handicap_most(game->size);
        if (most)
            g_set_error(error, GAME_ERROR, GAME_ERROR_SPEC, "go:%d takes handicap=2 to handicap=%d, not handicap=%d",
                        game->size, most, option[GO_OPTION_HANDICAP]);
        else
            g_set_error(error, GAME_ERROR, GAME_ERROR_SPEC, "go:%d has no handicap points; leave handicap=%d out",
                        game->size, option[GO_OPTION_HANDICAP]);
        return false;
    }
    game->tables = &tables[game->size];
    game->position_bytes =
        (uint32_t)(sizeof(struct go_position) + (size_t)tables[game->size].cells * sizeof(struct go_cell));
    game->max_plies = (uint16_t)(option[GO_OPTION_CAP] ? option[GO_OPTION_CAP] : 4 * game->points + 20);
    game->has_score = true;
    game->has_draws = option[GO_OPTION_KOMI] % 2 == 0;
    return true;
}

struct go_rules go_rules(const struct game *game)
{
    const int *own = game->own;
    return (struct go_rules){
        .suicide = own[GO_OWN_SUICIDE],
        .ko = (enum go_ko)own[GO_OWN_KO],
        .scoring = (enum go_scoring)own[GO_OWN_SCORING],
        .bonus = (enum go_bonus)own[GO_OWN_BONUS],
        .passes = own[GO_OWN_PASSES],
        .white_last = own[GO_OWN_WHITE_LAST],
        .pass_stones = own[GO_OWN_PASS_STONES],
    };
}

/* ---- the start ---- */

void go_clear(const struct game *game, struct position *position)
{
    const struct go_tables *t = go_tables(game);
    struct go_position *go = (struct go_position *)position;
    memset(go, 0, game->position_bytes);
    for (int c = 0; c < t->cells; c++)
        go->cells[c].colour = t->point[c] == GAME_NO_MOVE ? GO_RIM : GAME_EMPTY;
    for (int i = 0; i < GAME_RECENT; i++)
        go->base.recent[i] = GAME_NO_MOVE;
    go->base.colour = GAME_BLACK;
}

static void init(const struct game *game, struct position *position)
{
    go_clear(game, position);
    int count = game->option[GO_OPTION_HANDICAP];
    game_move stones[9];
    if (count && go_fixed_handicap(game->size, count, stones))
        go_place_handicap(game, position, stones, count, NULL);
}

uint64_t go_hash(const struct go_position *go)
{
    return go->base.stones_hash ^ go_ko_keys[go->ko] ^ go_pass_keys[go->passes] ^
           (go->base.colour == GAME_WHITE ? go_white_key : 0);
}

/* ---- legality ---- */

/* stones_hash after colour plays p; *lives: whether the stone then has a liberty, or goes as a suicide. */
static uint64_t stones_hash_after(const struct go_position *go, int stride, int p, int colour, bool *lives)
{
    const struct go_cell *cells = go->cells;
    const int around[4] = {p - 1, p + 1, p - stride, p + stride};
    uint64_t hash = go->base.stones_hash ^ go_stone_keys[colour - 1][p];
    bool air = false, captures = false;
    int seen[4], chains = 0;
    for (int i = 0; i < 4; i++) {
        const struct go_cell *cell = &cells[around[i]];
        if (cell->colour == GAME_EMPTY)
            air = true;
        if (!go_is_stone(cell->colour))
            continue;
        const int liberties = cells[cell->chain].liberties; /* of one point there are at most four pseudo-liberties */
        bool atari = liberties <= 4 && liberties == go_touches(cells, p, stride, cell->chain);
        bool known = false;
        for (int k = 0; k < chains; k++)
            known |= seen[k] == cell->chain;
        if (known)
            continue;
        seen[chains++] = cell->chain;
        if (cell->colour == colour) {
            air |= !atari;
        } else if (atari) {
            captures = true;
            for (int s = cell->chain, first = 1; first || s != cell->chain; first = 0, s = cells[s].next)
                hash ^= go_stone_keys[cell->colour - 1][s];
        }
    }
    *lives = air || captures;
    if (*lives)
        return hash;
    hash ^= go_stone_keys[colour - 1][p]; /* suicide: the stone and the own chains beside it go */
    for (int k = 0; k < chains; k++)
        for (int s = seen[k], first = 1; cells[seen[k]].colour == colour && (first || s != seen[k]);
             first = 0, s = cells[s].next)
            hash ^= go_stone_keys[colour - 1][s];
    return hash;
}

/* Whether a board with these stones and the opponent to move stood before, the present board included. */
static inline bool came_before(const struct go_position *go, const struct history *history, uint64_t stones,
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

/* Legal but for superko. */
static inline bool legal_basic(const struct go_position *go, int stride, int p, bool suicide)
{
    return go->cells[p].colour == GAME_EMPTY && p != go->ko &&
           (suicide || go_has_air(go->cells, p, stride, go->base.colour));
}

bool go_may_break_superko(const struct game *game, const struct go_position *go, const struct history *history)
{
    return history && game->own[GO_OWN_KO] != GO_KO_SIMPLE && (go->removed || game->own[GO_OWN_SUICIDE]);
}

/* While nothing was ever taken off, each stone makes a board with more stones than any before it, so that only a
 * suicide can bring one back. */
static inline bool repeats(const struct game *game, const struct go_position *go, const struct history *history,
                           uint64_t stones, bool lives)
{
    return (go->removed || !lives) && came_before(go, history, stones, game->own[GO_OWN_KO] == GO_KO_SITUATIONAL);
}

bool go_breaks_superko(const struct game *game, const struct go_position *go, const struct history *history, int p)
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
    return legal_basic(go, go_tables(game)->stride, p, game->own[GO_OWN_SUICIDE]) &&
           !(go_may_break_superko(game, go, history) && go_breaks_superko(game, go, history, p));
}

/* Empty cells where a look at whole sets tells of a liberty, beside an empty cell or an own chain that has some
 * elsewhere; *plain: those of them that take nothing, beside no chain that might be in atari. One point can give a
 * chain at most four pseudo-liberties. */
GO_BITS_INLINE struct go_bits find_air(int n, const struct go_tables *t, const struct go_cell *cells,
                                       const struct go_bits_board *board, int colour, struct go_bits *plain)
{
    struct go_bits air = board->empty, weak = {{0}};
    GO_BITS_EACH (n, board->stones[colour - 1], own)
        air.w[own >> 6] |= (uint64_t)(cells[cells[own].chain].liberties > 4) << (own & 63);
    GO_BITS_EACH (n, board->stones[2 - colour], enemy)
        weak.w[enemy >> 6] |= (uint64_t)(cells[cells[enemy].chain].liberties <= 4) << (enemy & 63);
    air = go_bits_near(n, &air, t->stride);
    weak = go_bits_near(n, &weak, t->stride);
    for (int i = 0; i < n; i++) {
        air.w[i] &= board->empty.w[i];
        plain->w[i] = air.w[i] & ~weak.w[i];
    }
    return air;
}

GO_BITS_INLINE void list_moves(int n, const struct game *game, const struct position *position,
                               const struct history *history, game_move *moves, int *count)
{
    const struct go_position *go = go_position(position);
    const struct go_tables *t = go_tables(game);
    const uint64_t *keys = go_stone_keys[position->colour - 1];
    const bool superko = go_may_break_superko(game, go, history), suicide = game->own[GO_OWN_SUICIDE];
    struct go_bits_board board;
    struct go_bits plain;
    go_bits_read(n, go->cells, t->cells, &board);
    struct go_bits air = find_air(n, t, go->cells, &board, position->colour, &plain);
    const struct go_bits *known = superko && go->removed ? &plain : &air; /* where the stones after the move are, or */
    int made = 0;                                                         /* do not matter */
    GO_BITS_EACH (n, board.empty, c) {
        const int p = (int)c;
        uint64_t stones = position->stones_hash ^ keys[p];
        bool lives = true;
        if (!go_bits_has(known, p))
            stones = stones_hash_after(go, t->stride, p, position->colour, &lives);
        bool fits = p != go->ko && (lives || suicide) && !(superko && repeats(game, go, history, stones, lives));
        moves[made] = t->point[p];
        made += fits;
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

static void pass(const struct game *game, struct go_position *go)
{
    int colour = go->base.colour;
    go->ko = 0;
    if (go->passes < 7) /* beyond the keys there is nothing to tell apart: the game is long over */
        go->passes++;
    if (game->own[GO_OWN_PASS_STONES])
        go->prisoners[game_other(colour) - 1]++;
}

static void play(const struct game *game, struct position *position, const struct history *history, game_move move)
{
    (void)history; /* superko forbids moves, but changes nothing in how one is played */
    struct go_position *go = (struct go_position *)position;
    bool done = false;
    if (move == game->points) {
        pass(game, go);
        done =
            go->passes >= game->own[GO_OWN_PASSES] && (!game->own[GO_OWN_WHITE_LAST] || position->colour == GAME_WHITE);
    } else {
        go_place(go, go_tables(game)->stride, go_tables(game)->cell[move], position->colour, true, NULL);
        go->passes = 0;
    }
    memmove(position->recent + 1, position->recent, sizeof position->recent - sizeof position->recent[0]);
    position->recent[0] = move;
    position->ply++;
    position->player ^= 1;
    position->colour = (uint8_t)game_other(position->colour);
    position->hash = go_hash(go);
    if (done || position->ply >= game->max_plies)
        go_finish(game, position);
}

/* ---- looking ---- */

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

static const char *const other_moves[] = {"pass", NULL};
static const struct game_features *const features[] = {&go_features_v1, NULL};

const struct game_ops go_ops = {
    .name = "go",
    .summary = "Go by area or territory, black first",
    .min_size = GO_MIN_SIZE,
    .max_size = GO_MAX_SIZE,
    .options = options,
    .features = features,
    .other_moves = other_moves,
    .komi = &go_komi,
    .configure = configure,
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
    .check = go_check,
};
