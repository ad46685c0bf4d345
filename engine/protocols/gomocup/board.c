/* The board: creating it, changing it and reading a complete position. */
#include "engine/protocols/gomocup/session.h"
#include "games/gomoku/gomoku.h"
#include "games/record/rule_names.h"

/* The rule set of INFO rule, a bit field: 1 exactly five, 2 continuous game (ignored: it concerns a series of games),
 * 4 renju, 8 caro. Yixin uses 2 alone for renju. */
static const char *rules_of_number(int64_t number)
{
    enum { CONTINUOUS = 2, RENJU = 4, CARO = 8 };
    if (number == CONTINUOUS || (number >= RENJU && number < CARO))
        number = RENJU;
    else if (number == 3)
        number = 1;
    const struct rule_set *set = number >= 0 && number <= 100 ? rules_find_gomocup((int)number) : NULL;
    return set ? set->name : "freestyle";
}

static void invalidate_agent(struct gomocup *g)
{
    g->agent_follows = false;
}

static bool make_game(struct gomocup *g, int size)
{
    GError *error = NULL;
    char *spec = g_strdup_printf("gomoku:%d,rules=%s", size, rules_of_number(g->rule));
    bool ok = game_parse(&g->game, spec, &error);
    g_free(spec);
    if (!ok)
        gomocup_send(g, "ERROR %s", error->message);
    g_clear_error(&error);
    return ok;
}

bool gomocup_new_board(struct gomocup *g, int size)
{
    struct game before = g->game;
    if (!make_game(g, size)) {
        g->game = before;
        return false;
    }
    game_init(&g->game, &g->at.p);
    history_truncate(&g->history, 0);
    g->started = true;
    g->games++;
    invalidate_agent(g);
    return gomocup_agent(g) != NULL;
}

static void read_stones(const struct gomocup *g, uint8_t *stones)
{
    for (int p = 0; p < g->game.points; p++)
        stones[p] = (uint8_t)g->game.ops->stone(&g->game, &g->at.p, p);
}

static void set_stones(struct gomocup *g, const uint8_t *stones, enum game_colour colour)
{
    game_set_up(&g->game, &g->at.p, stones, colour, NULL); /* cannot fail: every position is valid in Gomoku */
    history_truncate(&g->history, 0);
    invalidate_agent(g);
}

bool gomocup_refresh(struct gomocup *g)
{
    uint8_t stones[GAME_MAX_POINTS];
    enum game_colour colour = g->at.p.colour;
    bool empty = !g->at.p.stones_hash;
    read_stones(g, stones);
    if (!make_game(g, g->game.width))
        return false;
    game_init(&g->game, &g->at.p);
    if (!empty)
        set_stones(g, stones, colour);
    invalidate_agent(g);
    return true;
}

bool gomocup_place(struct gomocup *g, game_move point)
{
    uint8_t stones[GAME_MAX_POINTS];
    if (g->game.ops->stone(&g->game, &g->at.p, point) != GAME_EMPTY || game_over(&g->at.p))
        return false;
    if (g->game.ops->legal(&g->game, &g->at.p, &g->history, point)) {
        GError *error = NULL;
        game_play(&g->game, &g->at.p, &g->history, point);
        if (g->agent_follows && !agent_moved(g->agent, point, &error))
            invalidate_agent(g);
        g_clear_error(&error);
        return true;
    }
    read_stones(g, stones); /* forbidden in renju: up to the manager whether it loses */
    stones[point] = g->at.p.colour;
    set_stones(g, stones, (enum game_colour)game_other(g->at.p.colour));
    return true;
}

bool gomocup_remove(struct gomocup *g, game_move point)
{
    uint8_t stones[GAME_MAX_POINTS];
    read_stones(g, stones);
    if (stones[point] == GAME_EMPTY)
        return false;
    enum game_colour colour = (enum game_colour)stones[point];
    stones[point] = GAME_EMPTY;
    set_stones(g, stones, colour); /* the owner of the stone is to move again */
    return true;
}

/* ---- complete positions ---- */

/* Parses "x,y" or "x,y,field" into `values`. Yixin sends -1,-1,field for a pass. */
static bool read_entry(const struct gomocup *g, const char *text, bool with_owner, int *values)
{
    for (int i = 0; i < (with_owner ? 3 : 2); i++) {
        char *end;
        gint64 number = g_ascii_strtoll(text, &end, 10);
        if (end == text || number < -1 || number >= (i < 2 ? g->game.width : 4))
            return false;
        values[i] = (int)number;
        if (i < (with_owner ? 2 : 1)) {
            if (*end++ != ',')
                return false;
        } else if (*end) {
            return false;
        }
        text = end;
    }
    bool pass = values[0] == -1 && values[1] == -1;
    return (pass && with_owner) || (values[0] >= 0 && values[1] >= 0);
}

int gomocup_read_list(struct gomocup *g, const char *rest, bool with_owner, int (*values)[3], int max)
{
    char *line = g_strdup(rest), wrong[24] = "";
    int count = 0;
    bool done = false, too_long;
    while (line && !done) {
        char **words = g_strsplit_set(line, " ;", -1);
        for (int i = 0; words[i] && !done; i++) {
            if (!*words[i])
                continue;
            if (g_ascii_strcasecmp(words[i], "DONE") == 0)
                done = true;
            else if (count == max || !read_entry(g, words[i], with_owner, values[count]))
                g_strlcpy(wrong, words[i], sizeof wrong);
            else
                count++;
        }
        g_strfreev(words);
        g_free(line);
        line = done ? NULL : line_input_next(g->input, &too_long);
    }
    if (!done) /* end of input */
        return -1;
    if (*wrong) {
        gomocup_send(g, "ERROR invalid entry \"%s\": expected %s on a board of size %d", wrong,
                     with_owner ? "x,y,field" : "x,y", g->game.width);
        return -1;
    }
    return count;
}

/* Replays the stones as moves, black first, so that the agent knows the last moves. Returns false if they are not in
 * alternating order or not legal. */
static bool replay(struct gomocup *g, int (*values)[3], int count)
{
    game_init(&g->game, &g->at.p);
    history_truncate(&g->history, 0);
    for (int i = 0; i < count; i++) {
        game_move point = (game_move)(values[i][1] * g->game.width + values[i][0]);
        if ((i && values[i][2] == values[i - 1][2]) || values[i][0] < 0 ||
            !game_try(&g->game, &g->at.p, &g->history, point))
            return false;
    }
    /* The program itself (field 1) is to move, so the last stone must be the opponent's. */
    return count == 0 || values[count - 1][2] == 2;
}

bool gomocup_read_board(struct gomocup *g, const char *rest)
{
    int(*values)[3] = g_malloc0(sizeof *values * (GAME_MAX_POINTS + 2));
    int count = gomocup_read_list(g, rest, true, values, GAME_MAX_POINTS + 2), number[4] = {0};
    uint8_t stones[GAME_MAX_POINTS] = {0};
    bool ok = count >= 0;
    for (int i = 0; ok && i < count; i++)
        if (values[i][2] < 1 || values[i][2] > 2) {
            gomocup_send(g, "ERROR unsupported field %d: continuous games are not supported", values[i][2]);
            ok = false;
        } else {
            number[values[i][2]]++;
        }
    if (ok && (g->stale || !replay(g, values, count))) {
        /* The player who moved first has the same number of stones or one more; the program is to move. */
        enum game_colour own = number[1] >= number[2] ? GAME_BLACK : GAME_WHITE;
        for (int i = 0; i < count; i++)
            if (values[i][0] >= 0)
                stones[values[i][1] * g->game.width + values[i][0]] =
                    (uint8_t)(values[i][2] == 1 ? own : (enum game_colour)game_other(own));
        set_stones(g, stones, own);
    }
    invalidate_agent(g);
    g_free(values);
    return ok;
}

static void board(struct gomocup *g, const char *rest)
{
    if (gomocup_read_board(g, rest))
        gomocup_answer(g);
}

const struct gomocup_command gomocup_board_commands[] = {
    {"BOARD", true, board},
    {NULL, false, NULL},
};
