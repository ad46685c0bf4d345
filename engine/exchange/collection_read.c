/* A game of an SGF file as a record. */
#include "engine/exchange/collection.h"

#include <math.h>
#include <string.h>

#include "engine/store/record.h"
#include "games/game.h"
#include "games/record/sgf.h"

/* The game of a root, without handicap, if it is of one of the kinds and sizes. */
static bool read_game(const struct sgf_node *root, const struct game *games, int game_count, struct game *game,
                      char **why)
{
    GError *error = NULL;
    /* Twice: what the record leaves out depends on its size. */
    bool good = sgf_read_game(root, &games[0], game, &error);
    for (int i = 0; good && i < game_count; i++) {
        if (game->ops != games[i].ops || game->width != games[i].width || game->height != games[i].height)
            continue;
        good = sgf_read_game(root, &games[i], game, &error);
        if (good)
            return true;
    }
    char spec[GAME_SPEC_MAX];
    *why = good ? g_strdup(game_format(game, spec)) : g_strdup(error->message);
    g_clear_error(&error);
    return false;
}

/* ---- the result ---- */

/* RE as SGF defines it: "B+3.5", "W+R", "B+", "0", "Draw". Which colour won, or GAME_EMPTY for a draw; false for anything
 * else. *by: the points, NAN if there are none. */
static bool read_result(const struct sgf_node *root, enum game_colour *winner, double *by)
{
    char *text = sgf_text(root, "RE");
    bool good = false;
    *by = NAN;
    if (text && (strcmp(g_strstrip(text), "0") == 0 || g_ascii_strcasecmp(text, "draw") == 0 ||
                 g_ascii_strcasecmp(text, "jigo") == 0)) {
        *winner = GAME_EMPTY;
        *by = 0;
        good = true;
    } else if (text && strchr("BWbw", text[0]) && text[0] && text[1] == '+') {
        char *end;
        const double points = g_ascii_strtod(text + 2, &end);
        *winner = g_ascii_toupper(text[0]) == 'B' ? GAME_BLACK : GAME_WHITE;
        if (end != text + 2 && points > 0 && points <= 2 * GAME_MAX_POINTS)
            *by = points;
        good = true;
    }
    g_free(text);
    return good;
}

/* Keeps the result of the final position if the record states no other, else takes the stated one. */
static bool set_result(struct record *record, const struct sgf_node *root, const struct position *last)
{
    enum game_colour colour;
    double by;
    const struct game_result *result = &record->result;
    if (!read_result(root, &colour, &by))
        return game_over(last);
    const int winner = colour == GAME_BLACK ? last->black_player : 1 - last->black_player;
    const enum game_outcome outcome = colour == GAME_EMPTY ? GAME_DRAWN : winner == 0 ? GAME_WON_0 : GAME_WON_1;
    const bool scored = record->game.has_score && !isnan(by);
    const float margin = (float)(scored ? (winner == 0 ? by : -by) : 0);
    if (game_over(last) && result->outcome == outcome && (!scored || fabsf(result->margin - margin) < 0.25f))
        return true;
    record_state_result(record, scored ? RECORD_MARGIN_STATED : RECORD_OUTCOME_STATED, outcome, margin);
    return true;
}

/* ---- moves ---- */

struct replay {
    const struct game *game;
    union any_position at, as_stated; /* by the rules, and as SGF executes the nodes */
    struct history history;
    struct record *record;
};

static void add_move(struct replay *replay, game_move move)
{
    float policy[GAME_MAX_MOVES] = {0};
    policy[move] = 1;
    record_add(replay->record, &replay->at.p, move, policy, NULL, NULL, RECORD_TRAIN);
}

/* Plays a node's move by the rules. False if they do not allow it, or something else than one move comes of it. */
static bool play_node(struct replay *replay, const struct sgf_node *node, char **why)
{
    GError *error = NULL;
    game_move made = GAME_NO_MOVE;
    const bool applied = sgf_apply(node, replay->game, &replay->as_stated.p, NULL, &made, &error);
    bool good = applied && made != GAME_NO_MOVE && !game_over(&replay->at.p) &&
                replay->game->ops->legal(replay->game, &replay->at.p, &replay->history, made);
    if (good) {
        add_move(replay, made);
        game_play(replay->game, &replay->at.p, &replay->history, made);
        good = replay->at.p.hash == replay->as_stated.p.hash;
    }
    if (!good)
        *why = error ? g_strdup(error->message)
                     : g_strdup_printf("line %d, move %d", node->line, replay->record->ply_count);
    g_clear_error(&error);
    return good;
}

/* The same game with the handicap that the root states. Stones elsewhere than on the fixed points do not come of it. */
static struct game with_handicap(const struct game *game, const struct sgf_node *root)
{
    const char *text = sgf_get(root, "HA");
    guint64 stones = 0;
    if (!text || !game->ops->handicap ||
        !g_ascii_string_to_unsigned(text, 10, 0, (guint64)game->ops->handicap->max(game), &stones, NULL) || stones < 2)
        return *game;
    return game_with_handicap(game, (int)stones);
}

/* Sets both positions to the beginning. False if what the root sets up is more than the handicap of the game. */
static bool begin(struct replay *replay, const struct game *plain, const struct sgf_node *root, char **why)
{
    GError *error = NULL;
    game_init(replay->game, &replay->at.p);
    game_init(plain, &replay->as_stated.p);
    bool good = sgf_apply(root, plain, &replay->as_stated.p, NULL, NULL, &error) &&
                replay->as_stated.p.hash == replay->at.p.hash;
    if (!good)
        *why = error ? g_strdup(error->message) : g_strdup_printf("line %d", root->line);
    g_clear_error(&error);
    return good;
}

static enum collection_skip replay_line(struct replay *replay, const struct sgf_node *root, char **why)
{
    for (const struct sgf_node *node = root->first_child; node; node = node->first_child) {
        const enum sgf_step step = sgf_step(node);
        if (step == SGF_SETUP)
            return COLLECTION_SET_UP;
        if (step == SGF_MOVE && !play_node(replay, node, why))
            return COLLECTION_ILLEGAL;
    }
    if (replay->record->rows == 0)
        return COLLECTION_EMPTY;
    record_finish(replay->record, &replay->at.p);
    return set_result(replay->record, root, &replay->at.p) ? COLLECTION_TAKEN : COLLECTION_NO_RESULT;
}

enum collection_skip collection_read(const struct sgf_node *root, const struct game *games, int game_count,
                                     uint64_t number, struct record **record, char **why)
{
    struct game plain, game;
    *record = NULL;
    *why = NULL;
    if (!read_game(root, games, game_count, &plain, why))
        return COLLECTION_OTHER_GAME;
    plain = game_unattended(&plain);
    game = with_handicap(&plain, root);
    struct replay *replay = g_new0(struct replay, 1);
    replay->game = &game;
    replay->record = record_new(&game, number, 0);
    history_init(&replay->history, game.max_plies);
    const bool begun = sgf_step(root) != SGF_MOVE && begin(replay, &plain, root, why);
    const enum collection_skip skip = begun ? replay_line(replay, root, why) : COLLECTION_SET_UP;
    history_clear(&replay->history);
    if (skip == COLLECTION_TAKEN)
        *record = replay->record;
    else
        record_unref(replay->record);
    g_free(replay);
    return skip;
}
