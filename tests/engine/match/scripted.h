/* Agents whose answers are written down beforehand, so that a test decides the moves, values, times and failures of a
 * game. Opened as "random", whose operations are then replaced. */
#ifndef TENGEN_TESTS_SCRIPTED_H
#define TENGEN_TESTS_SCRIPTED_H

#include <criterion/criterion.h>
#include <glib.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agents/agent.h"
#include "games/game.h"

enum scripted_fault {
    SCRIPTED_FINE,
    SCRIPTED_TIMEOUT, /* an AGENT_ERROR_TIMEOUT, "no reply" */
    SCRIPTED_DIED,    /* another error, "crashed" */
    SCRIPTED_SILENT,  /* a failure without an error */
};

/* One answer. Unset members: plays point 0 at once, value 0. time_ms stands in for the time that agent_choose measures:
 * test_game.c wraps that function. */
struct scripted_answer {
    game_move move;
    float value;
    int64_t time_ms, visits;
    bool resigns;
    enum scripted_fault fault;
};

struct scripted {
    struct scripted_answer answers[16];
    int asked;                     /* answers given so far */
    int fail_new_game, fail_moved; /* the call that fails, from 1; 0: none */
    int games, told;               /* calls of new_game and moved */
    int finished;                  /* calls of finished */
    enum game_outcome outcome;     /* of the last one */
    uint64_t seed;                 /* of the last game */
    int64_t sleep_us;              /* real time that each answer takes */
    atomic_bool *sets_stop;        /* set when it is asked; may be NULL */
    struct agent_clock clock[16];  /* as given with each question */
    bool scores;                   /* as a referee, with this result */
    struct game_result result;
    GArray *seen; /* the moves of the position that it scored; may be NULL */
};

static inline bool scripted_fails(GError **error)
{
    g_set_error_literal(error, AGENT_ERROR, AGENT_ERROR_DIED, "crashed");
    return false;
}

static inline bool scripted_new_game(struct agent *agent, GError **error)
{
    struct scripted *script = agent->own;
    script->seed = agent->seed;
    return ++script->games != script->fail_new_game || scripted_fails(error);
}

static inline bool scripted_moved(struct agent *agent, game_move move, GError **error)
{
    struct scripted *script = agent->own;
    (void)move;
    return ++script->told != script->fail_moved || scripted_fails(error);
}

static inline bool scripted_choose(struct agent *agent, const struct agent_clock *clock, struct agent_choice *choice,
                                   GError **error)
{
    struct scripted *script = agent->own;
    cr_assert_lt(script->asked, (int)G_N_ELEMENTS(script->answers), "more moves requested than scripted");
    const struct scripted_answer *answer = &script->answers[script->asked];
    script->clock[script->asked++] = *clock;
    if (script->sleep_us)
        g_usleep((gulong)script->sleep_us);
    if (script->sets_stop)
        atomic_store(script->sets_stop, true);
    choice->action = answer->resigns ? AGENT_RESIGNS : AGENT_PLAYS;
    choice->move = answer->move;
    choice->value = answer->value;
    choice->visits = answer->visits;
    if (answer->fault == SCRIPTED_TIMEOUT)
        g_set_error_literal(error, AGENT_ERROR, AGENT_ERROR_TIMEOUT, "no reply");
    else if (answer->fault == SCRIPTED_DIED)
        scripted_fails(error);
    return answer->fault == SCRIPTED_FINE;
}

static inline bool scripted_finished(struct agent *agent, enum game_outcome outcome, const atomic_bool *stop,
                                     GError **error)
{
    struct scripted *script = agent->own;
    (void)stop, (void)error;
    script->finished++;
    script->outcome = outcome;
    return true;
}

static inline bool scripted_score(struct agent *agent, struct game_result *result, GError **error)
{
    struct scripted *script = agent->own;
    if (script->seen)
        g_array_append_vals(script->seen, agent->moves->data, agent->moves->len);
    if (!script->scores)
        return scripted_fails(error);
    *result = script->result;
    return true;
}

static const struct agent_ops scripted_ops = {.name = "scripted",
                                              .new_game = scripted_new_game,
                                              .moved = scripted_moved,
                                              .choose = scripted_choose,
                                              .score = scripted_score,
                                              .finished = scripted_finished};

static inline struct agent *scripted_open(const struct game *game, struct scripted *script)
{
    const struct agent_config config = {.threads = 1};
    struct agent *agent;
    cr_assert_eq(agent_open(&agent, "random", game, &config, NULL), 0);
    agent->ops = &scripted_ops;
    agent->own = script;
    return agent;
}

#endif
