#include "agents/builtin/remember.h"

#include <string.h>

#include "agents/agent.h"
#include "agents/memory/file.h"
#include "agents/memory/study.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "mcts/memory.h"
#include "net/net.h"

struct remember {
    struct memory_file *file;
    /* Of this game, by ply. */
    GArray *choices;  /* struct memory_choice */
    GArray *meetings; /* struct meeting */
};

struct meeting {
    struct eval_key key;
    int player;
    game_move best; /* the move that was remembered; GAME_NO_MOVE: none */
    guint ply;
};

/* A checksum of the weights. */
static char *net_sum(const struct net *net)
{
    GBytes *bytes = net_write_bytes(net, "");
    char *sum = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, bytes);
    g_bytes_unref(bytes);
    return sum;
}

struct remember *remember_open(struct agent *agent, const char *path, const struct net *net,
                               struct evaluator **evaluator)
{
    struct memory_file *file = NULL;
    GError *error = NULL;
    if (strcmp(path, "none") == 0)
        return NULL;
    char *sum = net_sum(net);
    if (!memory_file_open(&file, path, &error) || !memory_file_set_net(file, sum, &error)) {
        g_free(agent->memory_problem);
        agent->memory_problem = g_strdup_printf("no memory of earlier games: %s", error->message);
        g_clear_error(&error);
        g_clear_pointer(&file, memory_file_close);
    }
    g_free(sum);
    if (!file)
        return NULL;
    struct remember *remember = g_new0(struct remember, 1);
    remember->file = file;
    remember->choices = g_array_new(FALSE, FALSE, sizeof(struct memory_choice));
    remember->meetings = g_array_new(FALSE, FALSE, sizeof(struct meeting));
    *evaluator = evaluator_memory_create(*evaluator, memory_file_source(file));
    return remember;
}

void remember_close(struct remember *remember)
{
    if (!remember)
        return;
    memory_file_close(remember->file);
    g_array_free(remember->choices, TRUE);
    g_array_free(remember->meetings, TRUE);
    g_free(remember);
}

void remember_new_game(struct remember *remember)
{
    if (!remember)
        return;
    g_array_set_size(remember->choices, 0);
    g_array_set_size(remember->meetings, 0);
    memory_file_refresh(remember->file, NULL); /* a file that is busy now is read before the next game */
}

/* ---- during a game ---- */

/* Only the last choice at a ply counts: a search may be repeated. */
static void note_choice(struct remember *remember, guint ply, const struct memory_choice *choice)
{
    static const struct memory_choice none = {.move = GAME_NO_MOVE};
    while (remember->choices->len <= ply)
        g_array_append_val(remember->choices, none);
    g_array_index(remember->choices, struct memory_choice, ply) = *choice;
}

/* Returns when the game was lost that the position is remembered from; 0: it is not remembered. */
static int64_t note_meeting(struct remember *remember, const struct agent *agent)
{
    const struct game *game = &agent->search_game;
    const struct eval_query query = {.position = agent->position, .history = &agent->history};
    const struct memory_place place = memory_place_of(game, &query);
    const struct memory_position *known = memory_file_find(remember->file, place.key);
    if (!known)
        return 0;
    const struct meeting met = {.key = place.key,
                                .player = agent->position->player,
                                .best = known->best == GAME_NO_MOVE ? GAME_NO_MOVE
                                                                    : memory_move_from_image(game, &place, known->best),
                                .ply = agent->moves->len};
    const GArray *meetings = remember->meetings;
    if (meetings->len == 0 || g_array_index(meetings, struct meeting, meetings->len - 1).ply < met.ply)
        g_array_append_val(remember->meetings, met);
    return known->lost_here ? memory_file_time(remember->file, known->lesson) : 0;
}

void remember_chose(struct remember *remember, struct agent *agent, const struct agent_choice *choice, int64_t visits)
{
    if (!remember)
        return;
    const struct memory_choice note = {choice->action == AGENT_PLAYS ? choice->move : GAME_NO_MOVE, choice->value,
                                       visits};
    note_choice(remember, agent->moves->len, &note);
    agent->recalled = note_meeting(remember, agent);
}

/* ---- after a game ---- */

static int result_of(enum game_outcome outcome, int player)
{
    return outcome == GAME_DRAWN ? 0 : (outcome == GAME_WON_0) == (player == 0) ? 1 : -1;
}

static bool count_meetings(struct remember *remember, const struct agent *agent, enum game_outcome outcome, int64_t now,
                           GError **error)
{
    const GArray *from = remember->meetings;
    if (from->len == 0)
        return true;
    struct memory_meeting *met = g_new0(struct memory_meeting, from->len);
    int count = 0;
    for (guint i = 0; i < from->len; i++) {
        const struct meeting *at = &g_array_index(from, struct meeting, i);
        if (at->ply >= agent->moves->len)
            continue;
        met[count++] = (struct memory_meeting){.key = at->key,
                                               .followed = g_array_index(agent->moves, game_move, at->ply) == at->best,
                                               .result = result_of(outcome, at->player)};
    }
    const bool good = memory_file_meet(remember->file, met, count, now, error);
    g_free(met);
    return good;
}

/* Games from set-up positions are not studied: their moves do not tell how they began. */
static bool began_normally(const struct agent *agent)
{
    union any_position start;
    game_init(agent->game, &start.p);
    return agent->start_plies == 0 && memcmp(&start, agent->start, agent->game->position_bytes) == 0;
}

bool remember_finished(struct remember *remember, const struct agent *agent, enum game_outcome outcome,
                       struct mcts *search, struct evaluator *const *evaluators, int threads, const atomic_bool *stop,
                       GError **error)
{
    static const struct memory_choice none = {.move = GAME_NO_MOVE};
    const int64_t now = g_get_real_time() / G_USEC_PER_SEC;
    if (!remember || agent->moves->len == 0)
        return true;
    bool good = count_meetings(remember, agent, outcome, now, error);
    if (!good || outcome == GAME_DRAWN || outcome == GAME_ONGOING || !began_normally(agent))
        return good;
    if (remember->choices->len < agent->moves->len)
        note_choice(remember, agent->moves->len - 1, &none);
    const struct memory_study study = {.game = &agent->search_game,
                                       .moves = (const game_move *)(const void *)agent->moves->data,
                                       .count = (int)agent->moves->len,
                                       .choices = (const struct memory_choice *)(const void *)remember->choices->data,
                                       .loser = outcome == GAME_WON_0 ? 1 : 0,
                                       .search = search,
                                       .evaluators = evaluators,
                                       .threads = threads,
                                       .stop = stop};
    struct memory_lesson lesson = {0};
    GArray *positions = g_array_new(FALSE, TRUE, sizeof(struct memory_position));
    if (memory_study_run(&study, remember->file, &lesson, positions)) {
        char spec[GAME_SPEC_MAX];
        lesson.time = now;
        lesson.game = g_strdup(game_format(agent->game, spec));
        good = memory_file_learn(remember->file, &lesson, (const struct memory_position *)(const void *)positions->data,
                                 (int)positions->len, error);
    }
    memory_lesson_clear(&lesson);
    g_array_free(positions, TRUE);
    g_array_set_size(remember->choices, 0); /* a game is studied once */
    g_array_set_size(remember->meetings, 0);
    return good;
}
