/* Another program that speaks the Gomocup (Piskvork) protocol, from the manager's side. */
#include <stdarg.h>
#include <string.h>

#include "agents/agent.h"
#include "agents/external/process.h"
#include "games/gomoku/gomoku.h"
#include "games/record/rule_names.h"

enum {
    COMMAND_MS = 20000,
    GRACE_MS = 1500,
    QUIT_MS = 500,
    SETTLE_MS = 300,
    TURN_MS = 1000,
    NO_LIMIT_MS = INT32_MAX,
    MAX_PLAN = 3
};

struct stone {
    game_move point;
    uint8_t colour;
};

struct gomocup {
    struct process *process;
    GArray *stones;            /* struct stone, in the order in which they were put */
    guint known;               /* how many of them the program has seen or put itself; 0: it must be told all */
    game_move own_move;        /* what it has just answered */
    int64_t turn_ms, match_ms; /* what it was last told; -1: nothing */
    /* an answer in swap2 that is several moves of the game */
    game_move plan[MAX_PLAN];
    int planned;
    bool swap_owners; /* it wants to be told whose each stone is there too */
    char *last_line;  /* the last that made no sense, for messages */
};

static bool fail(GError **error, int code, const char *format, ...) G_GNUC_PRINTF(3, 4);
static bool fail(GError **error, int code, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    char *message = g_strdup_vprintf(format, list);
    va_end(list);
    g_set_error_literal(error, AGENT_ERROR, code, process_printable(message));
    g_free(message);
    return false;
}

static bool send_lines(struct gomocup *own, const char *lines, GError **error)
{
    return process_send(own->process, lines, g_get_monotonic_time() + COMMAND_MS * 1000, error) == 0;
}

static bool starts(const char *line, const char *word)
{
    size_t length = strlen(word);
    return g_ascii_strncasecmp(line, word, length) == 0 && !g_ascii_isalnum(line[length]);
}

/* What a program may say at any time and nobody needs to answer. */
static bool is_talk(const char *line)
{
    static const char *const words[] = {"MESSAGE", "DEBUG", "INFO", "SUGGEST"};
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        if (starts(line, words[i]))
            return true;
    return !*line;
}

/* An error about a word or number of INFO, which asks for no answer. Rapfi says so when INFO reaches it before it has
 * put its last move away: it drops the command's name and takes the words behind it for commands. */
static bool is_about_info(const char *line)
{
    static const char *const words[] = {"INFO",       "timeout_turn", "timeout_match", "time_left",
                                        "max_memory", "game_type",    "rule"};
    const char *blank = strrchr(line, ' '), *word = blank ? blank + 1 : line;
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        if (g_ascii_strcasecmp(word, words[i]) == 0)
            return true;
    return *word && !word[strspn(word, "0123456789")];
}

/* The next line for which `wanted` is true; others are passed over, as managers do, but errors end it unless they are
 * about INFO. */
static const char *read_answer(struct gomocup *own, const char *to, int64_t timeout_ms,
                               bool (*wanted)(const char *line), GError **error)
{
    int64_t deadline = g_get_monotonic_time() + timeout_ms * 1000;
    g_clear_pointer(&own->last_line, g_free);
    for (;;) {
        const char *line = process_read_line(own->process, deadline, error);
        if (!line) {
            if (own->last_line)
                g_prefix_error(error, "at %s, having said \"%.60s\": ", to, process_printable(own->last_line));
            else
                g_prefix_error(error, "at %s: ", to);
            return NULL;
        }
        if (wanted(line))
            return line;
        if ((starts(line, "ERROR") || starts(line, "UNKNOWN")) && !is_about_info(line)) {
            fail(error, AGENT_ERROR_PROTOCOL, "at %s it answered \"%.100s\"", to, line);
            return NULL;
        }
        if (is_talk(line))
            continue;
        g_free(own->last_line);
        own->last_line = g_strndup(line, 100);
    }
}

static bool is_ok(const char *line)
{
    return g_ascii_strcasecmp(line, "OK") == 0;
}

/* "x,y" at *at, which moves behind it and the blanks there. */
static bool take_point(const char **at, int *x, int *y)
{
    char *end;
    if (!g_ascii_isdigit(**at))
        return false;
    guint64 column = g_ascii_strtoull(*at, &end, 10);
    if (*end++ != ',' || !g_ascii_isdigit(*end))
        return false;
    guint64 row = g_ascii_strtoull(end, &end, 10);
    *x = (int)MIN(column, 1000);
    *y = (int)MIN(row, 1000);
    *at = end + strspn(end, " \t");
    return true;
}

static int count_points(const char *line)
{
    int x, y, count = 0;
    while (*line && take_point(&line, &x, &y))
        count++;
    return *line ? 0 : count;
}

static bool is_move(const char *line)
{
    return count_points(line) == 1;
}

static bool is_swap_answer(const char *line)
{
    return g_ascii_strcasecmp(line, "SWAP") == 0 || count_points(line) > 0;
}

/* A point off the board comes back as one that is no move, for the referee to name. */
static game_move point_of(const struct game *game, const char **line)
{
    int x, y;
    if (!take_point(line, &x, &y) || x >= game->size || y >= game->size)
        return GAME_NO_MOVE;
    return (game_move)(y * game->size + x);
}

/* ---- a game ---- */

static bool start(struct agent *agent, GError **error)
{
    struct gomocup *own = agent->own;
    char *lines = g_strdup_printf("START %d\r\n", agent->game->size);
    bool fine = send_lines(own, lines, error) && read_answer(own, "START", agent->reply_ms, is_ok, error);
    g_free(lines);
    if (!fine)
        return false;
    lines = g_strdup_printf("INFO max_memory %" G_GINT64_FORMAT "\r\nINFO game_type 1\r\nINFO rule %d\r\n"
                            "INFO timeout_match 0\r\nINFO time_left %d\r\n",
                            agent->memory_bytes, rules_of(agent->game)->gomocup, NO_LIMIT_MS);
    fine = send_lines(own, lines, error);
    g_free(lines);
    own->turn_ms = own->match_ms = -1;
    return fine;
}

static bool new_game(struct agent *agent, GError **error)
{
    struct gomocup *own = agent->own;
    g_array_set_size(own->stones, 0);
    own->known = 0;
    own->planned = 0;
    own->own_move = GAME_NO_MOVE;
    for (int p = 0; p < agent->game->points; p++) {
        const struct stone stone = {(game_move)p, (uint8_t)agent->game->ops->stone(agent->game, agent->position, p)};
        if (stone.colour != GAME_EMPTY)
            g_array_append_val(own->stones, stone);
    }
    return start(agent, error);
}

static bool check_game(const struct game *game, GError **error)
{
    char spec[GAME_SPEC_MAX];
    if (game->ops != &gomoku_ops)
        return fail(error, AGENT_ERROR_GAME, "gomocup plays Gomoku only, not %s; choose another agent",
                    game->ops->name);
    int opening = game_option_value(game, "opening", 0);
    if (game->size < 5 || game_option_value(game, "line", 5) != 5 ||
        (opening != GOMOKU_FREE && opening != GOMOKU_SWAP2))
        return fail(
            error, AGENT_ERROR_GAME,
            "gomocup cannot play %s: its protocol knows five in a row on boards from 5, without an opening rule "
            "or with swap2",
            game_format(game, spec));
    return true;
}

static bool open_gomocup(struct agent *agent, const char *argument, GError **error)
{
    if (!check_game(agent->game, error))
        return false;
    if (!*argument)
        return fail(error, AGENT_ERROR_SPEC, "gomocup needs a command line, for example gomocup:./pbrain-rapfi");
    struct gomocup *own = agent->own = g_new0(struct gomocup, 1);
    own->stones = g_array_new(FALSE, FALSE, sizeof(struct stone));
    own->own_move = GAME_NO_MOVE;
    /* Programs tell much about what they think. */
    const struct process_config config = {.command_line = argument, .reply_bytes = 16 << 20, .limits = agent->limits};
    return process_start(&own->process, &config, error) == 0 && start(agent, error);
}

static bool moved(struct agent *agent, game_move move, GError **error)
{
    (void)error;
    struct gomocup *own = agent->own;
    if (move >= agent->game->points)
        return true;
    const struct stone stone = {move, (uint8_t)agent->game->ops->stone(agent->game, agent->position, move)};
    if (own->own_move == move && own->known == own->stones->len)
        own->known++; /* it knows its own */
    else if (own->own_move != GAME_NO_MOVE)
        own->known = 0; /* another one was played in its place: it is told all of them */
    own->own_move = GAME_NO_MOVE;
    g_array_append_val(own->stones, stone);
    return true;
}

/* ---- asking for a move ---- */

/* INFO about time, before every move; what has not changed is not told again but for the time left, which managers tell
 * always. */
static int64_t send_time(struct gomocup *own, const struct agent_clock *clock, GError **error)
{
    GString *lines = g_string_new(NULL);
    int64_t match_ms = clock->main_ms, turn_ms = clock->move_ms;
    if (turn_ms <= 0)
        turn_ms = match_ms > 0 ? match_ms : TURN_MS;
    if (turn_ms != own->turn_ms)
        g_string_append_printf(lines, "INFO timeout_turn %" G_GINT64_FORMAT "\r\n", turn_ms);
    if (match_ms > 0 && own->match_ms < 0)
        g_string_append_printf(lines, "INFO timeout_match %" G_GINT64_FORMAT "\r\n", match_ms);
    g_string_append_printf(lines, "INFO time_left %" G_GINT64_FORMAT "\r\n", match_ms > 0 ? match_ms : NO_LIMIT_MS);
    own->turn_ms = turn_ms;
    own->match_ms = match_ms > 0 ? match_ms : own->match_ms;
    bool fine = send_lines(own, lines->str, error);
    g_string_free(lines, TRUE);
    return fine ? MIN(turn_ms, match_ms > 0 ? match_ms : turn_ms) : -1;
}

static void append_stones(const struct agent *agent, GString *lines, bool owners)
{
    const struct gomocup *own = agent->own;
    for (guint i = 0; i < own->stones->len; i++) {
        const struct stone *stone = &g_array_index(own->stones, struct stone, i);
        g_string_append_printf(lines, "%d,%d", stone->point % agent->game->size, stone->point / agent->game->size);
        if (owners)
            g_string_append_printf(lines, ",%d", stone->colour == agent->position->colour ? 1 : 2);
        g_string_append(lines, "\r\n");
    }
    g_string_append(lines, "DONE\r\n");
}

/* BEGIN on an empty board, TURN when one stone is new to it, else the whole board. */
static bool ask_move(struct agent *agent, int64_t timeout_ms, struct agent_choice *choice, GError **error)
{
    struct gomocup *own = agent->own;
    GString *lines = g_string_new(NULL);
    const char *what = "BOARD";
    if (!own->stones->len) {
        g_string_append(lines, what = "BEGIN");
        g_string_append(lines, "\r\n");
    } else if (own->known && own->known + 1 == own->stones->len) {
        const struct stone *last = &g_array_index(own->stones, struct stone, own->known);
        what = "TURN";
        g_string_append_printf(lines, "TURN %d,%d\r\n", last->point % agent->game->size,
                               last->point / agent->game->size);
    } else {
        g_string_append(lines, "BOARD\r\n");
        append_stones(agent, lines, true);
    }
    bool sent = send_lines(own, lines->str, error);
    g_string_free(lines, TRUE);
    const char *line = sent ? read_answer(own, what, timeout_ms, is_move, error) : NULL;
    if (!line)
        return false;
    own->known = own->stones->len;
    choice->move = own->own_move = point_of(agent->game, &line);
    return choice->move != GAME_NO_MOVE ||
           fail(error, AGENT_ERROR_PROTOCOL, "at %s it played off the board of %d", what, agent->game->size);
}

/* ---- swap2 ---- */

static game_move take_plan(struct gomocup *own)
{
    game_move move = own->plan[0];
    memmove(own->plan, own->plan + 1, sizeof *own->plan * (size_t)--own->planned);
    return move;
}

/* What its answer means as moves of our game: see gomoku.h. */
static bool make_plan(struct agent *agent, const char *line, GError **error)
{
    struct gomocup *own = agent->own;
    const struct game *game = agent->game;
    int count = count_points(line), phase = agent->position->phase;
    bool after_three = phase == GOMOKU_CHOOSE;
    own->planned = 0;
    if (phase == GOMOKU_FIRST_THREE ? count != 3 : count > (after_three ? 2 : 1))
        return fail(error, AGENT_ERROR_PROTOCOL, "at SWAP2BOARD with %u stones it answered \"%.60s\"", own->stones->len,
                    line);
    if (phase != GOMOKU_FIRST_THREE) {
        const game_move swap = gomoku_swap(game), stay = gomoku_stay(game);
        own->plan[own->planned++] = count == 0   ? (after_three ? swap : stay)
                                    : count == 2 ? gomoku_place_two(game)
                                                 : (after_three ? stay : swap);
    }
    while (count--)
        own->plan[own->planned++] = point_of(game, &line);
    return true;
}

static const char *ask_swap(struct agent *agent, int64_t timeout_ms, GError **error)
{
    struct gomocup *own = agent->own;
    GString *lines = g_string_new("SWAP2BOARD\r\n");
    append_stones(agent, lines, own->swap_owners);
    bool sent = send_lines(own, lines->str, error);
    g_string_free(lines, TRUE);
    return sent ? read_answer(own, "SWAP2BOARD", timeout_ms, is_swap_answer, error) : NULL;
}

/* The protocol has no owner in SWAP2BOARD's lines; Rapfi refuses them without, line by line, and then answers for an
 * empty board. What it still says is passed over before it is asked its way. */
static const char *ask_swap_with_owners(struct agent *agent, int64_t timeout_ms, GError **error)
{
    struct gomocup *own = agent->own;
    GError *why = NULL;
    bool more = true;
    for (int lines = 0; more && lines < 10; lines++) {
        more = !read_answer(own, "SWAP2BOARD", SETTLE_MS, is_swap_answer, &why) && why->code == AGENT_ERROR_PROTOCOL;
        g_clear_error(&why);
    }
    own->swap_owners = true;
    return ask_swap(agent, timeout_ms, error);
}

static bool ask_opening(struct agent *agent, int64_t timeout_ms, struct agent_choice *choice, GError **error)
{
    struct gomocup *own = agent->own;
    if (!own->planned) {
        GError *why = NULL;
        const char *line = ask_swap(agent, timeout_ms, &why);
        if (!line && why->code == AGENT_ERROR_PROTOCOL && own->stones->len && !own->swap_owners) {
            g_clear_error(&why);
            line = ask_swap_with_owners(agent, timeout_ms, &why);
        }
        if (why)
            g_propagate_error(error, why);
        if (!line || !make_plan(agent, line, error))
            return false;
        own->known = 0;
    }
    choice->move = take_plan(own);
    return choice->move != GAME_NO_MOVE ||
           fail(error, AGENT_ERROR_PROTOCOL, "at SWAP2BOARD it played off the board of %d", agent->game->size);
}

/* INFO can say how long the game and a move may take, and increments show in the time left; periods have no key. */
static bool takes_clock(const struct agent *agent, const struct agent_clock *control, GError **error)
{
    char text[AGENT_CLOCK_TEXT_MAX];
    return control->byo_moves <= 0 ||
           fail(error, AGENT_ERROR_SPEC,
                "%s cannot play under the clock %s: the Gomocup protocol knows no byo-yomi; use time for the game "
                "(5m), with an increment (5m+2s), or for each move (2s/move)",
                agent->ops->name, agent_clock_spell(control, text));
}

static bool choose(struct agent *agent, const struct agent_clock *clock, struct agent_choice *choice, GError **error)
{
    struct gomocup *own = agent->own;
    int64_t allowed_ms = takes_clock(agent, clock, error) ? send_time(own, clock, error) : -1;
    if (allowed_ms < 0)
        return false;
    int64_t timeout_ms = clock->move_ms || clock->main_ms ? allowed_ms + GRACE_MS : agent->reply_ms;
    if (agent->position->phase != GOMOKU_PLAY || own->planned)
        return ask_opening(agent, timeout_ms, choice, error);
    return ask_move(agent, timeout_ms, choice, error);
}

static void stop(struct agent *agent)
{
    process_interrupt(((struct gomocup *)agent->own)->process);
}

static void release(struct agent *agent)
{
    struct gomocup *own = agent->own;
    if (!own)
        return;
    process_dismiss(own->process, "END\r\n", QUIT_MS);
    g_array_free(own->stones, TRUE);
    g_free(own->last_line);
    g_free(own);
}

const struct agent_ops agent_gomocup_ops = {
    .name = "gomocup",
    .usage = "gomocup:COMMAND LINE",
    .summary = "another program that plays Gomoku over the Gomocup protocol; a second a move unless a clock says",
    .open = open_gomocup,
    .takes_clock = takes_clock,
    .new_game = new_game,
    .moved = moved,
    .choose = choose,
    .stop = stop,
    .close = release,
};
