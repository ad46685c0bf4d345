/* Go's options and rule sets, and the tables that depend on the board size only. */
#include <pthread.h>

#include "games/game.h"
#include "games/go/board.h"
#include "games/go/go.h"
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
    uint64_t n = 0x60; /* arbitrary, but fixed: hashes must be the same in every process */
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
static const char *const cleanup_texts[] = {"no", "yes", NULL};
static const char *const last_texts[] = {"rule", "any", "white", NULL};

/* There is no handicap of one stone: counting up from 0 goes to 2, and down from 2 to 0. Handicap games have a komi of
 * half a point. */
static void handicap_chosen(int *option, int before)
{
    int *stones = &option[GO_OPTION_HANDICAP];
    if (*stones == 1)
        *stones = before ? 0 : 2;
    if (!*stones != !before)
        option[GO_OPTION_KOMI] = *stones ? 1 : go_options[GO_OPTION_KOMI].preset;
}

/* clang-format off */
const struct game_option go_options[] = {
    [GO_OPTION_KOMI] = {"komi", GAME_OPTION_HALF, -2000, 2000, 14,
        .help = "points for white", .label = GAME_TEXT("Komi")},
    [GO_OPTION_RULES] = {"rules", GAME_OPTION_CHOICE, 0, 3, 0, rules_texts,
        .help = "rule set; it decides the options that are set to \"rule\"", .label = GAME_TEXT("Rules")},
    [GO_OPTION_SUICIDE] = {"suicide", GAME_OPTION_CHOICE, 0, 2, 0, yes_texts,
        .help = "whether suicide is legal (yes in tromp-taylor)"},
    [GO_OPTION_KO] = {"ko", GAME_OPTION_CHOICE, 0, 3, 0, ko_texts,
        .help = "ko rule (situational in aga, simple in japanese, otherwise positional)"},
    [GO_OPTION_SCORING] = {"scoring", GAME_OPTION_CHOICE, 0, 2, 0, scoring_texts,
        .help = "scoring method (territory in japanese, otherwise area)"},
    [GO_OPTION_HANDICAP] = {"handicap", GAME_OPTION_INT, 0, 9, 0,
        .help = "handicap stones on the fixed points; white moves first",
        .label = GAME_TEXT("Handicap"), .of_board = true, .chosen = handicap_chosen},
    [GO_OPTION_BONUS] = {"bonus", GAME_OPTION_CHOICE, 0, 3, 0, bonus_texts,
        .help = "compensation for white for N handicap stones (n in chinese, n-1 in aga)", .formal = true},
    [GO_OPTION_CAP] = {"cap", GAME_OPTION_INT, 0, 20000, 0,
        .help = "number of moves after which the game is stopped and scored; 0: 4 * points + 20", .formal = true},
    [GO_OPTION_PASSES] = {"passes", GAME_OPTION_INT, 2, 4, 2,
        .help = "consecutive passes that end the game", .formal = true},
    [GO_OPTION_LAST_PASS] = {"last", GAME_OPTION_CHOICE, 0, 2, 0, last_texts,
        .help = "who must pass last (white in aga)", .formal = true},
    [GO_OPTION_PASS_STONES] = {"passstones", GAME_OPTION_CHOICE, 0, 2, 0, yes_texts,
        .help = "whether a pass gives the opponent a prisoner (yes in aga)", .formal = true},
    [GO_OPTION_CLEANUP] = {"cleanup", GAME_OPTION_CHOICE, 0, 1, 0, cleanup_texts,
        .help = "with territory scoring: whether the passes begin a second phase, in which dead stones are captured and "
                "a pass gives the opponent a prisoner", .formal = true},
    {NULL},
};
/* clang-format on */

/* The meaning of "rule", by rule set. Values are indices into the option's choices, minus one for "rule" itself. */
static const struct {
    int option, derived, by_rules[4];
} rule_options[] = {
    {GO_OPTION_SUICIDE, GO_DERIVED_SUICIDE, {1, 0, 0, 0}},
    {GO_OPTION_KO, GO_DERIVED_KO, {GO_KO_POSITIONAL, GO_KO_POSITIONAL, GO_KO_SITUATIONAL, GO_KO_SIMPLE}},
    {GO_OPTION_SCORING, GO_DERIVED_SCORING, {GO_AREA, GO_AREA, GO_AREA, GO_TERRITORY}},
    {GO_OPTION_BONUS, GO_DERIVED_BONUS, {GO_BONUS_NONE, GO_BONUS_N, GO_BONUS_N_LESS_ONE, GO_BONUS_NONE}},
    {GO_OPTION_LAST_PASS, GO_DERIVED_WHITE_LAST, {0, 0, 1, 0}},
    {GO_OPTION_PASS_STONES, GO_DERIVED_PASS_STONES, {0, 0, 1, 0}},
};

bool go_configure(struct game *game, GError **error)
{
    pthread_once(&tables_once, fill_tables);
    const int *option = game->option;
    for (size_t i = 0; i < G_N_ELEMENTS(rule_options); i++) {
        int given = option[rule_options[i].option];
        game->derived[rule_options[i].derived] = given ? given - 1 : rule_options[i].by_rules[option[GO_OPTION_RULES]];
    }
    game->derived[GO_DERIVED_PASSES] = option[GO_OPTION_PASSES];
    game->derived[GO_DERIVED_CLEANUP] = option[GO_OPTION_CLEANUP] && game->derived[GO_DERIVED_SCORING] == GO_TERRITORY;
    game_move stones[9];
    if (option[GO_OPTION_HANDICAP] && !go_fixed_handicap(game->width, option[GO_OPTION_HANDICAP], stones)) {
        int max = go_max_handicap(game->width);
        if (max)
            g_set_error(error, GAME_ERROR, GAME_ERROR_SPEC, "go:%d takes handicap=2 to handicap=%d, not handicap=%d",
                        game->width, max, option[GO_OPTION_HANDICAP]);
        else
            g_set_error(error, GAME_ERROR, GAME_ERROR_SPEC, "go:%d has no handicap points; leave out handicap=%d",
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
    const int *derived = game->derived;
    return (struct go_rules){
        .suicide = derived[GO_DERIVED_SUICIDE],
        .ko = (enum go_ko)derived[GO_DERIVED_KO],
        .scoring = (enum go_scoring)derived[GO_DERIVED_SCORING],
        .bonus = (enum go_bonus)derived[GO_DERIVED_BONUS],
        .passes = derived[GO_DERIVED_PASSES],
        .white_last = derived[GO_DERIVED_WHITE_LAST],
        .pass_stones = derived[GO_DERIVED_PASS_STONES],
    };
}
