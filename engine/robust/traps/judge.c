#include "engine/robust/traps/judge.h"

#include <math.h>

#include "agents/agent.h"
#include "games/scope.h"

bool trap_move_is_right(const struct trap *trap, const struct agent_choice *choice)
{
    return choice->action == AGENT_PLAYS && choice->move < trap->game.moves && trap->right[choice->move];
}

bool trap_value_is_right(const struct trap *trap, const struct agent_choice *choice)
{
    const bool wins = trap->winner == trap->to_move;
    if (choice->action == AGENT_RESIGNS)
        return !wins;
    return isfinite(choice->value) && (wins ? choice->value > 0 : choice->value < 0);
}

static int compare_rows(const struct traps_row *a, const struct traps_row *b)
{
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    if (a->size != b->size)
        return a->size < b->size ? -1 : 1;
    return (a->board > b->board) - (a->board < b->board);
}

/* The row of a trap, inserted in order if it is new. */
static struct traps_row *row_of(GArray *rows, const struct trap *trap)
{
    const struct traps_row wanted = {.kind = trap->kind, .size = trap->size, .board = trap->game.width};
    guint i = 0;
    while (i < rows->len && compare_rows(&g_array_index(rows, struct traps_row, i), &wanted) < 0)
        i++;
    if (i == rows->len || compare_rows(&g_array_index(rows, struct traps_row, i), &wanted) != 0)
        g_array_insert_val(rows, i, wanted);
    return &g_array_index(rows, struct traps_row, i);
}

void traps_count(GArray *rows, const struct trap *trap, enum traps_player player, const struct agent_choice *choice,
                 bool outside)
{
    struct traps_row *row = row_of(rows, trap);
    if (player == TRAPS_POLICY) {
        row->positions++;
        row->asking += trap->asks;
        row->outside += outside;
    }
    row->moves[player] += trap->asks && trap_move_is_right(trap, choice);
    row->values[player] += trap_value_is_right(trap, choice);
}

/* ---- the players ---- */

/* The players of one board, whose komi changes from trap to trap. */
struct session {
    struct game game;
    struct agent *players[TRAPS_PLAYERS];
    bool outside; /* the board is not one that the net was trained on */
};

static bool is_outside(const struct agent *agent, const struct game *board)
{
    struct game_scope *scope = game_scope_new();
    char *outside = agent->scope && game_scope_read(scope, agent->scope) ? game_scope_outside(scope, board) : NULL;
    const bool found = outside != NULL;
    g_free(outside);
    game_scope_free(scope);
    return found;
}

static bool open_session(struct session *s, const struct traps_config *config, const struct game *board, GError **error)
{
    const struct agent_config agent_config = {.seed = config->seed, .threads = 1};
    char *specs[TRAPS_PLAYERS] = {[TRAPS_POLICY] = g_strdup_printf("policy:%s", config->net),
                                  [TRAPS_SEARCH] = g_strdup_printf("net:%s,visits=%d", config->net, config->visits)};
    bool good = true;
    *s = (struct session){.game = *board};
    for (int i = 0; i < TRAPS_PLAYERS; i++) {
        good = good && agent_open(&s->players[i], specs[i], &s->game, &agent_config, error) == 0;
        g_free(specs[i]);
    }
    if (good)
        s->outside = is_outside(s->players[TRAPS_POLICY], board);
    return good;
}

static void close_session(struct session *s)
{
    for (int i = 0; i < TRAPS_PLAYERS; i++)
        agent_close(s->players[i]);
}

static bool judge_trap(struct session *s, const struct trap *trap, uint64_t seed, GArray *rows, GError **error)
{
    union any_position position;
    s->game = trap->game;
    trap_set_up(trap, &position.p);
    bool good = true;
    for (int i = 0; i < TRAPS_PLAYERS && good; i++) {
        struct agent_choice choice;
        good = agent_start_from(s->players[i], &position.p, NULL, seed, error) &&
               agent_choose(s->players[i], NULL, &choice, error);
        if (good)
            traps_count(rows, trap, (enum traps_player)i, &choice, s->outside);
    }
    return good;
}

static bool judge_board(const struct traps_config *config, int board, const GArray *traps, struct traps_report *report,
                        int *done, int total, GError **error)
{
    struct session session;
    bool good = open_session(&session, config, &config->boards[board], error);
    for (guint i = 0; i < traps->len && good && report->finished; i++) {
        if (config->stop && atomic_load(config->stop)) {
            report->finished = false;
            break;
        }
        good = judge_trap(&session, &g_array_index(traps, struct trap, i), config->seed, report->rows, error);
        ++*done;
        if (config->progress)
            config->progress(*done, total, config->data);
    }
    close_session(&session);
    return good;
}

bool traps_judge(const struct traps_config *config, struct traps_report *report, GError **error)
{
    const int64_t start = g_get_monotonic_time();
    GPtrArray *boards = g_ptr_array_new_with_free_func((GDestroyNotify)g_array_unref);
    int total = 0, done = 0;
    bool good = true;
    *report = (struct traps_report){
        .config = config, .rows = g_array_new(FALSE, TRUE, sizeof(struct traps_row)), .finished = true};
    for (int i = 0; i < config->board_count; i++) {
        GArray *traps = g_array_new(FALSE, FALSE, sizeof(struct trap));
        traps_make(&config->boards[i], traps);
        g_ptr_array_add(boards, traps);
        total += (int)traps->len;
    }
    for (int i = 0; i < config->board_count && good; i++)
        good = judge_board(config, i, g_ptr_array_index(boards, i), report, &done, total, error);
    g_ptr_array_unref(boards);
    report->seconds = (double)(g_get_monotonic_time() - start) / G_USEC_PER_SEC;
    return good;
}

void traps_report_clear(struct traps_report *report)
{
    g_array_unref(report->rows);
}
