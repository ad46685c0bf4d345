#include "engine/viewer/new_game.h"

#include <stdlib.h>

#include "agents/clock.h"

const int new_game_minutes[NEW_GAME_TIMES] = {1, 2, 3, 5, 10, 15, 20, 30, 45, 60, 90, 120};
const int new_game_seconds[NEW_GAME_TIMES] = {1, 2, 3, 5, 10, 15, 20, 30, 60, 120, 300, 600};

/* The index of the entry nearest to a value. */
static int nearest(const int table[NEW_GAME_TIMES], int value)
{
    int best = 0;
    for (int i = 1; i < NEW_GAME_TIMES; i++)
        if (abs(table[i] - value) < abs(table[best] - value))
            best = i;
    return best;
}

void new_game_choose(struct new_game *n, int kind)
{
    const struct game_ops *ops = game_table[kind];
    n->kind = kind;
    n->width = ops->traits.first_shape.width;
    n->height = ops->traits.first_shape.height;
    for (int i = 0; ops->options[i].name; i++)
        n->option[i] = ops->options[i].preset;
}

void new_game_begin(struct new_game *n, const struct preferences *preferences)
{
    struct game game;
    struct agent_clock clock;
    *n = (struct new_game){.preferences = *preferences, .clock_main = 4, .clock_period = 7, .clock_count = 5};
    new_game_choose(n, 0);
    if (game_parse(&game, n->preferences.game, NULL)) {
        n->kind = game_table_index(game.ops);
        n->width = game.width;
        n->height = game.height;
        memcpy(n->option, game.option, sizeof n->option);
    }
    agent_clock_parse(n->preferences.clock, &clock, NULL);
    n->clock_kind = (int)agent_clock_kind(&clock);
    if (n->clock_kind != AGENT_CLOCK_NONE) {
        int64_t over_ms = clock.byo_ms + clock.increment_ms + clock.move_ms;
        n->clock_main = nearest(new_game_minutes, (int)(clock.main_ms / 60000));
        n->clock_period = nearest(new_game_seconds, (int)(over_ms / 1000));
        n->clock_count = CLAMP(MAX(clock.periods, clock.byo_moves), 1, NEW_GAME_MAX_COUNT);
    }
}

/* Formats the spec of a game that may be invalid; it is checked when the game is started. */
static void make_spec(const struct new_game *n, int width, int height, bool keep_board_options, char *spec)
{
    const struct game_ops *ops = game_table[n->kind];
    struct game game = {.ops = ops, .width = (uint16_t)width, .height = (uint16_t)height};
    for (int i = 0; ops->options[i].name; i++)
        game.option[i] = ops->options[i].of_board && !keep_board_options ? ops->options[i].preset : n->option[i];
    game_format(&game, spec);
}

int new_game_sizes(const struct new_game *n, int sizes[GAME_MAX_SIZE])
{
    const struct game_ops *ops = game_table[n->kind];
    char spec[GAME_SPEC_MAX];
    struct game game;
    int count = 0;
    for (int size = ops->min_size; !ops->rectangles && size <= ops->max_size; size++) {
        make_spec(n, size, size, false, spec);
        if (game_parse(&game, spec, NULL))
            sizes[count++] = size;
    }
    return count;
}

static void make_clock(const struct new_game *n, char *text)
{
    int64_t main_ms = new_game_minutes[n->clock_main] * 60000, over_ms = new_game_seconds[n->clock_period] * 1000;
    struct agent_clock control = {.main_ms = main_ms};
    switch (n->clock_kind) {
    case AGENT_CLOCK_BYOYOMI:
        control.byo_ms = over_ms;
        control.byo_moves = 1;
        control.periods = n->clock_count;
        break;
    case AGENT_CLOCK_CANADIAN:
        control.byo_ms = over_ms;
        control.byo_moves = n->clock_count;
        break;
    case AGENT_CLOCK_FISCHER:
        control.increment_ms = over_ms;
        break;
    case AGENT_CLOCK_MOVE:
        control = (struct agent_clock){.move_ms = over_ms};
        break;
    case AGENT_CLOCK_NONE:
        control.main_ms = 0;
        break;
    default:
        break;
    }
    agent_clock_spell(&control, text);
}

bool new_game_setup(struct new_game *n, struct session_setup *setup)
{
    GError *error = NULL;
    make_spec(n, n->width, n->height, true, n->preferences.game);
    make_clock(n, n->preferences.clock);
    n->message[0] = '\0';
    if (preferences_setup(&n->preferences, setup, &error))
        return true;
    g_strlcpy(n->message, error->message, sizeof n->message);
    g_clear_error(&error);
    return false;
}
