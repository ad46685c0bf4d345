/* The board: made, changed, and read whole. */
#include "engine/protocols/gomocup/session.h"
#include "games/gomoku/gomoku.h"
#include "games/record/rule_names.h"

/* The rules that a number of INFO rule stands for. It is made of Piskvork's bits: 1 for exactly five, 2 for continuous
 * games (which has no meaning for a single one), 4 for renju, 8 for caro; a 2 alone is Yixin's for renju. */
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

static void changed(struct gomocup *g)
{
    g->agent_follows = false;
}

static bool make_game(struct gomocup *g, int size)
{
    GError *error = NULL;
    char *spec = g_strdup_printf("gomoku:%d,rules=%s", size, rules_of_number(g->rule));
    bool fine = game_parse(&g->game, spec, &error);
    g_free(spec);
    if (!fine)
        gomocup_say(g, "ERROR %s", error->message);
    g_clear_error(&error);
    return fine;
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
    changed(g);
    return gomocup_agent(g) != NULL;
}

static void read_stones(const struct gomocup *g, uint8_t *stones)
{
    for (int p = 0; p < g->game.points; p++)
        stones[p] = (uint8_t)g->game.ops->stone(&g->game, &g->at.p, p);
}

static void set_stones(struct gomocup *g, const uint8_t *stones, enum game_colour colour)
{
    game_set_up(&g->game, &g->at.p, stones, colour, NULL); /* Gomoku takes any */
    history_truncate(&g->history, 0);
    changed(g);
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
    changed(g);
    return true;
}

bool gomocup_put(struct gomocup *g, game_move point)
{
    uint8_t stones[GAME_MAX_POINTS];
    if (g->game.ops->stone(&g->game, &g->at.p, point) != GAME_EMPTY || game_over(&g->at.p))
        return false;
    if (g->game.ops->legal(&g->game, &g->at.p, &g->history, point)) {
        GError *error = NULL;
        game_play(&g->game, &g->at.p, &g->history, point);
        if (g->agent_follows && !agent_moved(g->agent, point, &error))
            changed(g);
        g_clear_error(&error);
        return true;
    }
    read_stones(g, stones); /* forbidden in renju: whether that loses is the manager's matter */
    stones[point] = g->at.p.colour;
    set_stones(g, stones, (enum game_colour)game_other(g->at.p.colour));
    return true;
}

bool gomocup_take(struct gomocup *g, game_move point)
{
    uint8_t stones[GAME_MAX_POINTS];
    read_stones(g, stones);
    if (stones[point] == GAME_EMPTY)
        return false;
    enum game_colour colour = (enum game_colour)stones[point];
    stones[point] = GAME_EMPTY;
    set_stones(g, stones, colour); /* whose stone it was moves again */
    return true;
}

/* ---- boards that are sent whole ---- */

/* "x,y" or "x,y,field"; -1,-1 is Yixin's pass. */
static bool read_words(const struct gomocup *g, const char *text, bool with_owner, int *values)
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

int gomocup_read_list(struct gomocup *g, const char *rest, bool with_owner, int (*values)[3], int most)
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
            else if (count == most || !read_words(g, words[i], with_owner, values[count]))
                g_strlcpy(wrong, words[i], sizeof wrong);
            else
                count++;
        }
        g_strfreev(words);
        g_free(line);
        line = done ? NULL : line_input_next(g->input, &too_long);
    }
    if (!done) /* the input has ended */
        return -1;
    if (*wrong) {
        gomocup_say(g, "ERROR \"%s\" is no %s on a board of %d", wrong, with_owner ? "x,y,field" : "x,y",
                    g->game.width);
        return -1;
    }
    return count;
}

/* Stones in turn, black's first: the game is played over, so that the agent knows the last moves. */
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
    /* The side to move is ours. */
    return count == 0 || values[count - 1][2] == 2;
}

bool gomocup_read_board(struct gomocup *g, const char *rest)
{
    int(*values)[3] = g_malloc0(sizeof *values * (GAME_MAX_POINTS + 2));
    int count = gomocup_read_list(g, rest, true, values, GAME_MAX_POINTS + 2), number[4] = {0};
    uint8_t stones[GAME_MAX_POINTS] = {0};
    bool fine = count >= 0;
    for (int i = 0; fine && i < count; i++)
        if (values[i][2] < 1 || values[i][2] > 2) {
            gomocup_say(g, "ERROR field %d: continuous games are not played", values[i][2]);
            fine = false;
        } else {
            number[values[i][2]]++;
        }
    if (fine && (g->stale || !replay(g, values, count))) {
        /* Who moved first has as many stones as the other, or one more; we are to move. */
        enum game_colour own = number[1] >= number[2] ? GAME_BLACK : GAME_WHITE;
        for (int i = 0; i < count; i++)
            if (values[i][0] >= 0)
                stones[values[i][1] * g->game.width + values[i][0]] =
                    (uint8_t)(values[i][2] == 1 ? own : (enum game_colour)game_other(own));
        set_stones(g, stones, own);
    }
    changed(g);
    g_free(values);
    return fine;
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
