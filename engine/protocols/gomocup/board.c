/* The board: creating it, changing it and reading a complete position. */
#include "agents/agent.h"
#include "engine/protocols/common/line_input.h"
#include "engine/protocols/gomocup/session.h"
#include "games/game.h"
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
    g->own = GAME_EMPTY;
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

bool gomocup_place(struct gomocup *g, game_move point, enum game_colour colour)
{
    uint8_t stones[GAME_MAX_POINTS];
    if (g->game.ops->stone(&g->game, &g->at.p, point) != GAME_EMPTY || game_over(&g->at.p))
        return false;
    read_stones(g, stones);
    if (g->at.p.colour != colour)
        set_stones(g, stones, colour);
    if (g->game.ops->legal(&g->game, &g->at.p, &g->history, point)) {
        GError *error = NULL;
        game_play(&g->game, &g->at.p, &g->history, point);
        if (g->agent_follows && !agent_moved(g->agent, point, &error))
            invalidate_agent(g);
        g_clear_error(&error);
        return true;
    }
    stones[point] = (uint8_t)colour; /* forbidden in renju: up to the manager whether it loses */
    set_stones(g, stones, (enum game_colour)game_other(colour));
    return true;
}

/* Whose turn it is by the number of stones; GAME_EMPTY where no game of alternating moves has so many. */
static enum game_colour turn_by_count(const struct gomocup *g, const uint8_t *stones)
{
    int number[3] = {0};
    for (int p = 0; p < g->game.points; p++)
        number[stones[p]]++;
    int lead = number[GAME_BLACK] - number[GAME_WHITE];
    return lead == 0 ? GAME_BLACK : lead == 1 ? GAME_WHITE : GAME_EMPTY;
}

bool gomocup_remove(struct gomocup *g, game_move point)
{
    uint8_t stones[GAME_MAX_POINTS] = {0};
    read_stones(g, stones);
    if (stones[point] == GAME_EMPTY)
        return false;
    const enum game_colour owner = (enum game_colour)stones[point];
    stones[point] = GAME_EMPTY;
    const enum game_colour turn = turn_by_count(g, stones);
    set_stones(g, stones, turn ? turn : owner);
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

/* Whether the stones can be moves in this order, black's first, that leave the turn to the right player. */
static bool is_in_order(int (*values)[3], int count, bool to_move)
{
    for (int i = 0; i < count; i++)
        if (values[i][0] < 0 || (i && values[i][2] == values[i - 1][2]))
            return false;
    /* If the program itself (field 1) is to move, the last stone must be the opponent's. */
    return !to_move || count == 0 || values[count - 1][2] == 2;
}

/* Replays the stones as moves, so that the agent knows the last ones. Returns false if one is not legal. */
static bool replay(struct gomocup *g, int (*values)[3], int count)
{
    game_init(&g->game, &g->at.p);
    history_truncate(&g->history, 0);
    for (int i = 0; i < count; i++)
        if (!game_try(&g->game, &g->at.p, &g->history, (game_move)(values[i][1] * g->game.width + values[i][0])))
            return false;
    return true;
}

/* Whether all fields are known and no point is listed twice; otherwise sends ERROR. Counts the stones of each field. */
static bool check_entries(struct gomocup *g, int (*values)[3], int count, int *number)
{
    bool seen[GAME_MAX_SIZE][GAME_MAX_SIZE] = {{false}};
    for (int i = 0; i < count; i++) {
        const int x = values[i][0], y = values[i][1], field = values[i][2];
        if (field < 1 || field > 2) {
            gomocup_send(g, "ERROR unsupported field %d: continuous games are not supported", field);
            return false;
        }
        if (x >= 0 && seen[y][x]) {
            gomocup_send(g, "ERROR %d,%d is listed twice", x, y);
            return false;
        }
        if (x >= 0)
            seen[y][x] = true;
        number[field]++;
    }
    return true;
}

static void set_board(struct gomocup *g, int (*values)[3], int count, const int *number, bool to_move)
{
    uint8_t stones[GAME_MAX_POINTS] = {0};
    const bool ordered = is_in_order(values, count, to_move);
    /* Black began: black has the first stone of an ordered list, and otherwise at least as many as white. */
    const bool black = ordered && count ? values[0][2] == 1 : number[1] >= number[2];
    g->own = !count && !to_move ? GAME_EMPTY : black ? GAME_BLACK : GAME_WHITE;
    if (ordered && !g->stale && replay(g, values, count))
        return;
    for (int i = 0; i < count; i++)
        if (values[i][0] >= 0)
            stones[values[i][1] * g->game.width + values[i][0]] =
                (uint8_t)((values[i][2] == 1) == black ? GAME_BLACK : GAME_WHITE);
    const int lead = black ? number[1] - number[2] : number[2] - number[1];
    set_stones(g, stones, to_move ? g->own : lead > 0 ? GAME_WHITE : GAME_BLACK);
}

bool gomocup_read_board(struct gomocup *g, const char *rest, bool to_move)
{
    int(*values)[3] = g_malloc0(sizeof *values * (GAME_MAX_POINTS + 2));
    int count = gomocup_read_list(g, rest, true, values, GAME_MAX_POINTS + 2), number[3] = {0};
    bool ok = count >= 0 && check_entries(g, values, count, number);
    if (ok)
        set_board(g, values, count, number, to_move);
    invalidate_agent(g);
    g_free(values);
    return ok;
}

static void board(struct gomocup *g, const char *rest)
{
    if (gomocup_read_board(g, rest, true))
        gomocup_answer(g);
}

const struct gomocup_command gomocup_board_commands[] = {
    {"BOARD", true, board},
    {NULL, false, NULL},
};
