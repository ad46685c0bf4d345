#include "agents/builtin/remember.h"

#include <math.h>
#include <string.h>

#include "agents/agent.h"
#include "agents/memory/file.h"
#include "agents/memory/study.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "mcts/memory.h"
#include "net/net.h"

enum { MOST_VISITS = 1 << 30 }; /* of a choice that is read from a file */

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

/* The choices as text, for a study that was stopped: "PLY:VALUE:VISITS ...". */
static char *write_choices(const struct memory_study *study)
{
    GString *text = g_string_new(NULL);
    char number[G_ASCII_DTOSTR_BUF_SIZE];
    for (int i = 0; i < study->count; i++)
        if (study->choices[i].move != GAME_NO_MOVE)
            g_string_append_printf(text, "%s%d:%s:%" G_GINT64_FORMAT, text->len ? " " : "", i,
                                   g_ascii_formatd(number, sizeof number, "%.4f", (double)study->choices[i].value),
                                   study->choices[i].visits);
    return g_string_free(text, FALSE);
}

/* Fills choices[study->count]; what makes no sense is left out. */
static void read_choices(const char *text, const struct memory_study *study, struct memory_choice *choices)
{
    char **words = g_strsplit(text, " ", -1);
    for (int i = 0; i < study->count; i++)
        choices[i] = (struct memory_choice){.move = GAME_NO_MOVE};
    for (int i = 0; words[i]; i++) {
        char **parts = g_strsplit(words[i], ":", -1);
        const bool good = g_strv_length(parts) == 3;
        const int64_t ply = good ? g_ascii_strtoll(parts[0], NULL, 10) : -1;
        const double value = good ? g_ascii_strtod(parts[1], NULL) : NAN;
        const int64_t visits = good ? g_ascii_strtoll(parts[2], NULL, 10) : 0;
        if (ply >= 0 && ply < study->count && fabs(value) <= 1 && visits > 0 && visits < MOST_VISITS)
            choices[ply] = (struct memory_choice){study->moves[ply], (float)value, visits};
        g_strfreev(parts);
    }
    g_strfreev(words);
}

static bool was_stopped(const atomic_bool *stop)
{
    return stop && atomic_load(stop);
}

/* Studies a game, and stores what it finds as a lesson of this time. *learned: whether there was a lesson. */
static bool learn(struct remember *remember, const struct agent *agent, const struct memory_study *study, int64_t time,
                  bool *learned, GError **error)
{
    struct memory_lesson lesson = {0};
    GArray *positions = g_array_new(FALSE, TRUE, sizeof(struct memory_position));
    char spec[GAME_SPEC_MAX];
    bool good = true;
    *learned = memory_study_run(study, remember->file, &lesson, positions);
    if (*learned) {
        lesson.time = time;
        lesson.game = g_strdup(game_format(agent->game, spec));
        lesson.unfinished = was_stopped(study->stop) ? write_choices(study) : NULL;
        good = memory_file_learn(remember->file, &lesson, (const struct memory_position *)(const void *)positions->data,
                                 (int)positions->len, error);
    }
    memory_lesson_clear(&lesson);
    g_array_free(positions, TRUE);
    return good;
}

bool remember_finished(struct remember *remember, const struct agent *agent, enum game_outcome outcome,
                       const struct remember_desk *desk, const atomic_bool *stop, GError **error)
{
    static const struct memory_choice none = {.move = GAME_NO_MOVE};
    const int64_t now = g_get_real_time() / G_USEC_PER_SEC;
    bool learned;
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
                                       .search = desk->search,
                                       .evaluators = desk->evaluators,
                                       .threads = desk->threads,
                                       .stop = stop};
    good = learn(remember, agent, &study, now, &learned, error);
    g_array_set_size(remember->choices, 0); /* a game is studied once */
    g_array_set_size(remember->meetings, 0);
    return good;
}

/* ---- a study that was stopped ---- */

/* The newest lesson of this game that is not studied to its end; NULL if there is none. */
static const struct memory_lesson *find_unfinished(const GPtrArray *lessons, const struct game *game)
{
    for (guint i = 0; i < lessons->len; i++) {
        const struct memory_lesson *lesson = g_ptr_array_index(lessons, i);
        struct game other;
        if (lesson->unfinished && game_parse(&other, lesson->game, NULL) && game_equal(&other, game))
            return lesson;
    }
    return NULL;
}

/* Fills moves[game->max_plies]; returns their number, 0 if they are not legal. */
static int read_moves(const struct game *game, const char *text, game_move *moves)
{
    char **words = g_strsplit(text, " ", -1);
    union any_position at;
    struct history history;
    int count = 0;
    game_init(game, &at.p);
    history_init(&history, game->max_plies);
    for (int i = 0; words[i] && count == i && i < game->max_plies; i++) {
        moves[i] = game_move_parse(game, words[i]);
        count += moves[i] != GAME_NO_MOVE && game_try(game, &at.p, &history, moves[i]);
    }
    const bool all = count == (int)g_strv_length(words);
    history_clear(&history);
    g_strfreev(words);
    return all ? count : 0;
}

/* Replaces the lesson by what the study finds now. One that cannot be studied is forgotten, so that it is not tried again. */
static bool finish(struct remember *remember, const struct agent *agent, const struct memory_lesson *lesson,
                   const struct remember_desk *desk, const atomic_bool *stop, GError **error)
{
    struct memory_study study = {.game = &agent->search_game,
                                 .loser = lesson->player,
                                 .search = desk->search,
                                 .evaluators = desk->evaluators,
                                 .threads = desk->threads,
                                 .stop = stop};
    game_move *moves = g_new(game_move, study.game->max_plies);
    bool learned = false, good = true;
    study.moves = moves;
    study.count = read_moves(study.game, lesson->moves, moves);
    struct memory_choice *choices = g_new(struct memory_choice, study.count + 1);
    study.choices = choices;
    read_choices(lesson->unfinished, &study, choices);
    if (study.count > 0)
        good = learn(remember, agent, &study, lesson->time, &learned, error);
    int64_t count;
    good = good && memory_file_forget(remember->file, lesson->id, G_MAXINT64, &count, error);
    g_free(choices);
    g_free(moves);
    return good;
}

bool remember_study(struct remember *remember, const struct agent *agent, const struct remember_desk *desk,
                    const atomic_bool *stop, bool *studied, GError **error)
{
    *studied = false;
    if (!remember || was_stopped(stop))
        return true;
    GPtrArray *lessons = memory_file_lessons(remember->file, error);
    if (!lessons)
        return false;
    const struct memory_lesson *lesson = find_unfinished(lessons, agent->game);
    *studied = lesson != NULL;
    const bool good = !lesson || finish(remember, agent, lesson, desk, stop, error);
    g_ptr_array_free(lessons, TRUE);
    return good;
}
