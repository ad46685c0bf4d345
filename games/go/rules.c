/* Go's options and rule sets, and the tables that depend on the board's size alone. */
#include <pthread.h>

#include "games/go/ops.h"

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

/* One handicap stone is none, and a handicap game is played for half a point. */
static void handicap_chosen(int *option, int before)
{
    int *stones = &option[GO_OPTION_HANDICAP];
    if (*stones == 1)
        *stones = before > 1 ? 0 : 2;
    if ((*stones > 1) != (before > 1))
        option[GO_OPTION_KOMI] = *stones > 1 ? 1 : go_options[GO_OPTION_KOMI].preset;
}

/* clang-format off */
const struct game_option go_options[] = {
    [GO_OPTION_KOMI] = {"komi", GAME_OPTION_HALF, -2000, 2000, 14,
        .help = "points for white", .label = GAME_TEXT("Komi")},
    [GO_OPTION_RULES] = {"rules", GAME_OPTION_CHOICE, 0, 3, 0, rules_texts,
        .help = "rule set: presets the options marked \"rule\"", .label = GAME_TEXT("Rules")},
    [GO_OPTION_SUICIDE] = {"suicide", GAME_OPTION_CHOICE, 0, 2, 0, yes_texts,
        .help = "may a move take its own chain off (tromp-taylor: yes)"},
    [GO_OPTION_KO] = {"ko", GAME_OPTION_CHOICE, 0, 3, 0, ko_texts,
        .help = "which boards may not come back (situational in aga, simple in japanese)"},
    [GO_OPTION_SCORING] = {"scoring", GAME_OPTION_CHOICE, 0, 2, 0, scoring_texts,
        .help = "area, or territory (japanese)"},
    [GO_OPTION_HANDICAP] = {"handicap", GAME_OPTION_INT, 0, 9, 0,
        .help = "black stones on the fixed points at the start; white moves first",
        .label = GAME_TEXT("Handicap"), .of_board = true, .chosen = handicap_chosen},
    [GO_OPTION_BONUS] = {"bonus", GAME_OPTION_CHOICE, 0, 3, 0, bonus_texts,
        .help = "white's points for N handicap stones (n in chinese, n-1 in aga)"},
    [GO_OPTION_CAP] = {"cap", GAME_OPTION_INT, 0, 20000, 0,
        .help = "moves after which a game is scored as it lies; 0: 4 a point + 20"},
    [GO_OPTION_PASSES] = {"passes", GAME_OPTION_INT, 2, 4, 2,
        .help = "passes in a row that end a game"},
    [GO_OPTION_LAST_PASS] = {"last", GAME_OPTION_CHOICE, 0, 2, 0, last_texts,
        .help = "who must make the last pass (white in aga)"},
    [GO_OPTION_PASS_STONES] = {"passstones", GAME_OPTION_CHOICE, 0, 2, 0, yes_texts,
        .help = "does a pass give a prisoner (yes in aga)"},
    {NULL},
};
/* clang-format on */

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

bool go_configure(struct game *game, GError **error)
{
    pthread_once(&tables_once, fill_tables);
    const int *option = game->option;
    for (size_t i = 0; i < G_N_ELEMENTS(derived); i++) {
        int given = option[derived[i].option];
        game->own[derived[i].own] = given ? given - 1 : derived[i].by_rules[option[GO_OPTION_RULES]];
    }
    game->own[GO_OWN_PASSES] = option[GO_OPTION_PASSES];
    game_move stones[9];
    if (option[GO_OPTION_HANDICAP] && !go_fixed_handicap(game->width, option[GO_OPTION_HANDICAP], stones)) {
        int most = go_handicap_most(game->width);
        if (most)
            g_set_error(error, GAME_ERROR, GAME_ERROR_SPEC, "go:%d takes handicap=2 to handicap=%d, not handicap=%d",
                        game->width, most, option[GO_OPTION_HANDICAP]);
        else
            g_set_error(error, GAME_ERROR, GAME_ERROR_SPEC, "go:%d has no handicap points; leave handicap=%d out",
                        game->width, option[GO_OPTION_HANDICAP]);
        return false;
    }
    game->tables = &tables[game->width];
    game->position_bytes =
        (uint32_t)(sizeof(struct go_position) + (size_t)tables[game->width].cells * sizeof(struct go_cell));
    game->max_plies = (uint16_t)(option[GO_OPTION_CAP] ? option[GO_OPTION_CAP] : 4 * game->points + 20);
    game->learning_plies = (uint16_t)(2 * game->points + 10);
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
