/* Another program that speaks GTP version 2, for example GNU Go (which is told the rules by options of its own). */
#include <cjson/cJSON.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "agents/agent.h"
#include "agents/external/process.h"
#include "games/go/go.h"
#include "games/record/rule_names.h"

enum { COMMAND_MS = 20000, GRACE_MS = 1500, QUIT_MS = 500, TOLD_CLOCK = -1 };

struct gtp {
    struct process *process;
    char *name, *version;
    GHashTable *commands;
    uint32_t next_id;
    int to_move;        /* the colour that moves next, as the program sees it */
    game_move own_move; /* what it has just generated, and so played itself */
    int64_t time_told;  /* seconds a move, or TOLD_CLOCK; 0: nothing as yet in this game */
    GString *reply;
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

/* The lines of a reply up to the empty one, joined, with status and id taken off. */
static bool read_reply(struct gtp *gtp, const char *command, uint32_t id, int64_t deadline, bool *accepted,
                       GError **error)
{
    g_string_truncate(gtp->reply, 0);
    const char *line;
    do { /* some programs send an empty line too many */
        if (!(line = process_read_line(gtp->process, deadline, error))) {
            g_prefix_error(error, "at \"%s\": ", command);
            return false;
        }
    } while (!*line);
    char *rest = NULL;
    bool framed = line[0] == '=' || line[0] == '?';
    guint64 got = framed ? g_ascii_strtoull(line + 1, &rest, 10) : 0;
    if (!framed || rest == line + 1 || got != id)
        return fail(error, AGENT_ERROR_PROTOCOL, "at \"%s\": \"%.60s\" is not a GTP reply (=%u or ?%u was due)",
                    command, line, id, id);
    *accepted = line[0] == '=';
    g_string_assign(gtp->reply, rest);
    for (;;) {
        if (!(line = process_read_line(gtp->process, deadline, error))) {
            g_prefix_error(error, "at \"%s\", in the middle of a reply: ", command);
            return false;
        }
        if (!*line)
            break;
        g_string_append_c(gtp->reply, '\n');
        g_string_append(gtp->reply, line);
    }
    g_strstrip(gtp->reply->str);
    gtp->reply->len = strlen(gtp->reply->str);
    return true;
}

/* Sends a command; its answer is in gtp->reply. accepted: NULL when a refusal is an error. */
static bool ask(struct gtp *gtp, const char *command, int64_t timeout_ms, bool *accepted, GError **error)
{
    bool fine = false;
    uint32_t id = ++gtp->next_id;
    int64_t deadline = g_get_monotonic_time() + timeout_ms * 1000;
    char *line = g_strdup_printf("%u %s\n", id, command);
    int sent = process_send(gtp->process, line, deadline, error);
    g_free(line);
    if (sent < 0) {
        g_prefix_error(error, "at \"%s\": ", command);
        return false;
    }
    if (!read_reply(gtp, command, id, deadline, &fine, error))
        return false;
    if (accepted)
        *accepted = fine;
    else if (!fine)
        return fail(error, AGENT_ERROR_PROTOCOL, "refused \"%s\": %.80s", command, gtp->reply->str);
    return true;
}

static bool knows(const struct gtp *gtp, const char *command)
{
    return g_hash_table_contains(gtp->commands, command);
}

static bool greet(struct gtp *gtp, int64_t timeout_ms, GError **error)
{
    static const char *const needed[] = {"boardsize", "clear_board", "komi", "play", "genmove"};
    if (!ask(gtp, "name", timeout_ms, NULL, error))
        return false;
    gtp->name = g_strdup(gtp->reply->str);
    if (!ask(gtp, "version", COMMAND_MS, NULL, error))
        return false;
    gtp->version = g_strdup(gtp->reply->str);
    if (!ask(gtp, "list_commands", COMMAND_MS, NULL, error))
        return false;
    char **names = g_strsplit_set(gtp->reply->str, "\n \t", -1);
    for (int i = 0; names[i]; i++)
        g_hash_table_add(gtp->commands, g_strdup(names[i]));
    g_strfreev(names);
    for (size_t i = 0; i < G_N_ELEMENTS(needed); i++)
        if (!knows(gtp, needed[i]))
            return fail(error, AGENT_ERROR_PROTOCOL, "%s does not know the GTP command %s", gtp->name, needed[i]);
    return true;
}

/* GNU Go takes the rules on its command line only. What its line says already stays; with no agreement about dead
 * stones, the score is the board as it lies, so it has to capture them. Returns the line to run, to be freed. */
static char *complete_command(const char *command_line, const struct game *game)
{
    const struct go_rules rules = go_rules(game);
    static const char *const ko[] = {"--simple-ko", "--positional-superko", "--situational-superko"};
    const struct {
        const char *option, *unless[4];
    } wanted[] = {
        {rules.scoring == GO_AREA ? "--chinese-rules" : "--japanese-rules", {"--chinese-rules", "--japanese-rules"}},
        {rules.suicide ? "--allow-suicide" : "--forbid-suicide",
         {"--allow-suicide", "--forbid-suicide", "--allow-all-suicide"}},
        {ko[rules.ko], {"--simple-ko", "--no-ko", "--positional-superko", "--situational-superko"}},
        {"--capture-all-dead", {"--capture-all-dead"}},
    };
    GString *line = g_string_new(command_line);
    char **argv = NULL, *name = NULL;
    if (g_shell_parse_argv(command_line, NULL, &argv, NULL))
        name = g_path_get_basename(argv[0]);
    for (size_t i = 0; name && strcmp(name, "gnugo") == 0 && i < G_N_ELEMENTS(wanted); i++) {
        bool given = false;
        for (int u = 0; u < 4 && wanted[i].unless[u]; u++)
            given |= g_strv_contains((const char *const *)argv, wanted[i].unless[u]);
        if (!given)
            g_string_append_printf(line, " %s", wanted[i].option);
    }
    g_strfreev(argv);
    g_free(name);
    return g_string_free(line, FALSE);
}

/* Programs that can be told the rules over GTP are. */
static bool send_rules(struct gtp *gtp, const struct game *game, GError **error)
{
    const struct rule_set *rules = rules_of(game);
    bool accepted;
    char *command = NULL;
    if (knows(gtp, "kata-set-rules"))
        command = g_strdup_printf("kata-set-rules %s", rules->name);
    else if (knows(gtp, "kgs-rules"))
        command = g_strdup_printf("kgs-rules %s", rules->kgs);
    bool fine = !command || ask(gtp, command, COMMAND_MS, &accepted, error);
    g_free(command);
    return fine;
}

/* A position that was not played from the start: stone by stone, each with a liberty at any time. */
static bool send_stones(struct gtp *gtp, const struct agent *agent, GError **error)
{
    char vertex[GAME_MOVE_TEXT_MAX], command[48];
    for (int p = 0; p < agent->game->points; p++) {
        enum game_colour colour = agent->game->ops->stone(agent->game, agent->position, p);
        if (colour == GAME_EMPTY)
            continue;
        g_snprintf(command, sizeof command, "play %s %s", colour == GAME_BLACK ? "black" : "white",
                   game_move_format(agent->game, (game_move)p, vertex));
        if (!ask(gtp, command, COMMAND_MS, NULL, error))
            return false;
    }
    return true;
}

/* Stones at the start: handicap, unless white has some too. */
static bool send_handicap(struct gtp *gtp, const struct agent *agent, GError **error)
{
    char vertex[GAME_MOVE_TEXT_MAX];
    GString *command = g_string_new("set_free_handicap");
    int stones = 0;
    for (int p = 0; p < agent->game->points; p++)
        if (agent->game->ops->stone(agent->game, agent->position, p) == GAME_WHITE || agent->position->ply) {
            g_string_free(command, TRUE);
            return send_stones(gtp, agent, error);
        } else if (agent->game->ops->stone(agent->game, agent->position, p) == GAME_BLACK) {
            g_string_append_printf(command, " %s", game_move_format(agent->game, (game_move)p, vertex));
            stones++;
        }
    bool fine = stones == 0 || ask(gtp, command->str, COMMAND_MS, NULL, error);
    g_string_free(command, TRUE);
    return fine;
}

static bool new_game(struct agent *agent, GError **error)
{
    struct gtp *gtp = agent->own;
    char text[64], komi[G_ASCII_DTOSTR_BUF_SIZE];
    g_snprintf(text, sizeof text, "boardsize %d", agent->game->size);
    if (!ask(gtp, text, COMMAND_MS, NULL, error) || !ask(gtp, "clear_board", COMMAND_MS, NULL, error))
        return false;
    g_ascii_formatd(komi, sizeof komi, "%.1f", game_option_value(agent->game, "komi", 0) / 2.0);
    g_snprintf(text, sizeof text, "komi %s", komi);
    gtp->to_move = agent->position->colour;
    gtp->own_move = GAME_NO_MOVE;
    gtp->time_told = 0;
    return ask(gtp, text, COMMAND_MS, NULL, error) && send_rules(gtp, agent->game, error) &&
           send_handicap(gtp, agent, error);
}

static bool open_gtp(struct agent *agent, const char *argument, GError **error)
{
    if (agent->game->ops != &go_ops)
        return fail(error, AGENT_ERROR_GAME, "gtp plays Go only, not %s; choose another agent", agent->game->ops->name);
    if (!*argument)
        return fail(error, AGENT_ERROR_SPEC, "gtp needs a command line, for example gtp:gnugo --mode gtp --level 10");
    struct gtp *gtp = agent->own = g_new0(struct gtp, 1);
    gtp->commands = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    gtp->reply = g_string_new(NULL);
    gtp->own_move = GAME_NO_MOVE;
    char *line = complete_command(argument, agent->game);
    const struct process_config config = {.command_line = line, .limits = agent->limits};
    int started = process_start(&gtp->process, &config, error);
    g_free(line);
    return started == 0 && greet(gtp, agent->reply_ms, error);
}

static const char *colour_text(int colour)
{
    return colour == GAME_BLACK ? "black" : "white";
}

/* The referee may play another move than the one that was generated (an agent that resigned in error, a takeback). */
static bool take_back_own(struct gtp *gtp, GError **error)
{
    gtp->own_move = GAME_NO_MOVE;
    return ask(gtp, "undo", COMMAND_MS, NULL, error);
}

static bool moved(struct agent *agent, game_move move, GError **error)
{
    struct gtp *gtp = agent->own;
    char vertex[GAME_MOVE_TEXT_MAX], command[48];
    int colour = gtp->to_move;
    gtp->to_move = agent->position->colour;
    if (gtp->own_move == move) {
        gtp->own_move = GAME_NO_MOVE;
        return true;
    }
    if (gtp->own_move != GAME_NO_MOVE && !take_back_own(gtp, error))
        return false;
    g_snprintf(command, sizeof command, "play %s %s", colour_text(colour), game_move_format(agent->game, move, vertex));
    return ask(gtp, command, COMMAND_MS, NULL, error);
}

/* The clock as it stands before the first move of a game. GTP itself knows whole seconds, absolute time and Canadian
 * byo-yomi; the rest in the words of those that have them. */
static bool tell_settings(struct gtp *gtp, const struct agent_clock *clock, GError **error)
{
    char command[96];
    int main_s = (int)(clock->main_ms / 1000), period_s = (int)(clock->byo_ms / 1000);
    if (clock->increment_ms > 0 && knows(gtp, "kata-time_settings"))
        g_snprintf(command, sizeof command, "kata-time_settings fischer %d.%03d %d.%03d", main_s,
                   (int)(clock->main_ms % 1000), (int)(clock->increment_ms / 1000), (int)(clock->increment_ms % 1000));
    else if (clock->periods > 1 && knows(gtp, "kgs-time_settings"))
        g_snprintf(command, sizeof command, "kgs-time_settings byoyomi %d %d %d", main_s, period_s, clock->periods);
    else if (!knows(gtp, "time_settings"))
        return true;
    else if (clock->main_ms <= 0 && clock->byo_moves == 0) /* a limit a move: byo-yomi of one stone */
        g_snprintf(command, sizeof command, "time_settings 0 %d 1", (int)(clock->move_ms / 1000));
    else
        g_snprintf(command, sizeof command, "time_settings %d %d %d", main_s, clock->byo_moves ? period_s : 0,
                   clock->byo_moves);
    return ask(gtp, command, COMMAND_MS, NULL, error);
}

static bool send_time(struct gtp *gtp, const struct agent_clock *clock, GError **error)
{
    bool whole_game = clock->main_ms > 0 || clock->byo_moves > 0;
    int64_t told = whole_game ? TOLD_CLOCK : clock->move_ms / 1000;
    if (told != gtp->time_told && told != 0 && !tell_settings(gtp, clock, error))
        return false;
    gtp->time_told = told;
    if (!whole_game || !knows(gtp, "time_left"))
        return true;
    char command[64];
    bool in_period = clock->main_ms <= 0 && clock->byo_moves > 0;
    g_snprintf(command, sizeof command, "time_left %s %d %d", colour_text(gtp->to_move),
               (int)((in_period ? clock->byo_ms : clock->main_ms) / 1000), in_period ? clock->byo_moves : 0);
    return ask(gtp, command, COMMAND_MS, NULL, error);
}

/* How it is asked for a move: where it can, so that it tells what it thinks of it. CGOS's form is made for referees
 * (one line of JSON); Leela Zero's is the widespread one, asked for a single report. */
static const char *genmove_of(const struct gtp *gtp, const char **arguments)
{
    *arguments = "";
    if (knows(gtp, "cgos-genmove_analyze"))
        return "cgos-genmove_analyze";
    if (!knows(gtp, "lz-genmove_analyze"))
        return "genmove";
    *arguments = " 100000";
    return "lz-genmove_analyze";
}

/* The number after a word, from *at on, which moves behind it; NAN when there is none. */
static double number_after(const char **at, const char *word)
{
    const char *found = strstr(*at, word);
    char *end;
    if (!found)
        return NAN;
    found += strlen(word);
    double number = g_ascii_strtod(found, &end);
    *at = end;
    return end > found && isfinite(number) ? number : NAN;
}

/* The mover's winning chance, 0..scale, as the agent's value. */
static void set_value(struct agent_choice *choice, double chance, double scale, double visits)
{
    if (chance >= 0 && chance <= scale)
        choice->value = (float)(2 * chance / scale - 1);
    if (visits >= 0 && visits < 1e15)
        choice->visits = (int64_t)visits;
}

/* CGOS's form: one object, the chance from 0 to 1. */
static void set_json_value(struct agent_choice *choice, const char *text)
{
    cJSON *object = cJSON_Parse(text), *chance = cJSON_GetObjectItem(object, "winrate"),
          *visits = cJSON_GetObjectItem(object, "visits");
    set_value(choice, cJSON_IsNumber(chance) ? chance->valuedouble : NAN, 1,
              cJSON_IsNumber(visits) ? visits->valuedouble : NAN);
    cJSON_Delete(object);
}

/* What it thinks, out of the lines before "play VERTEX" (which are cut off its last report); returns the vertex. */
static const char *read_thoughts(char *reply, struct agent_choice *choice)
{
    char *play = g_str_has_prefix(reply, "play ") ? reply : g_strrstr(reply, "\nplay ");
    if (!play)
        return reply; /* a plain move */
    const char *vertex = play + strlen("play ") + (*play == '\n');
    *play = '\0';
    if (*reply == '{') {
        set_json_value(choice, reply);
        return vertex;
    }
    char *report = g_strrstr(reply, "\ninfo "), *key = g_strdup_printf("info move %s ", vertex);
    const char *all = report ? report : reply, *own = strstr(all, key);
    if (own) {
        double chance = number_after(&own, " winrate "), visits = 0;
        while (own > all && g_ascii_isdigit(own[-1]))
            own--;
        bool fraction = own > all && own[-1] == '.'; /* as KataGo and Sabaki have them */
        for (double some; isfinite(some = number_after(&all, " visits "));)
            visits += some;
        set_value(choice, chance, fraction ? 1 : 10000, visits);
    }
    g_free(key);
    return vertex;
}

static bool choose(struct agent *agent, const struct agent_clock *clock, struct agent_choice *choice, GError **error)
{
    struct gtp *gtp = agent->own;
    char command[64];
    const char *arguments, *genmove = genmove_of(gtp, &arguments);
    int64_t limit_ms = agent_clock_limit_ms(clock), timeout_ms = limit_ms ? limit_ms + GRACE_MS : agent->reply_ms;
    g_snprintf(command, sizeof command, "%s %s%s", genmove, colour_text(gtp->to_move), arguments);
    if (!send_time(gtp, clock, error) || !ask(gtp, command, timeout_ms, NULL, error))
        return false;
    const char *vertex = read_thoughts(gtp->reply->str, choice);
    if (g_ascii_strcasecmp(vertex, "resign") == 0) {
        choice->action = AGENT_RESIGNS;
        return true;
    }
    choice->move = gtp->own_move = game_move_parse(agent->game, vertex);
    if (choice->move == GAME_NO_MOVE)
        return fail(error, AGENT_ERROR_PROTOCOL, "at \"%s\": \"%.60s\" is not a move", command, vertex);
    return true;
}

/* "B+3.5", "0" or "Draw". */
static bool score(struct agent *agent, struct game_result *result, GError **error)
{
    struct gtp *gtp = agent->own;
    if (!knows(gtp, "final_score"))
        return fail(error, AGENT_ERROR_PROTOCOL, "%s does not know the GTP command final_score", gtp->name);
    if (!ask(gtp, "final_score", agent->reply_ms, NULL, error))
        return false;
    const char *text = gtp->reply->str;
    char winner = g_ascii_toupper(text[0]), *end = NULL;
    *result = (struct game_result){.outcome = GAME_DRAWN, .over = true};
    if (strcmp(text, "0") == 0 || g_ascii_strcasecmp(text, "draw") == 0)
        return true;
    double margin = (winner == 'B' || winner == 'W') && text[1] == '+' ? g_ascii_strtod(text + 2, &end) : NAN;
    if (!(margin >= 0 && margin <= 2 * GAME_MAX_POINTS + 1000) || *end)
        return fail(error, AGENT_ERROR_PROTOCOL, "at \"final_score\": \"%.60s\" is not a score", text);
    bool first = (winner == 'B') == (agent->position->black_player == 0); /* with handicap white is player 0 */
    result->outcome = margin == 0 ? GAME_DRAWN : first ? GAME_WON_0 : GAME_WON_1;
    result->margin = (float)(first ? margin : -margin);
    return true;
}

static void stop(struct agent *agent)
{
    process_interrupt(((struct gtp *)agent->own)->process);
}

static void release(struct agent *agent)
{
    struct gtp *gtp = agent->own;
    if (!gtp)
        return;
    process_dismiss(gtp->process, "quit\n", QUIT_MS);
    g_hash_table_destroy(gtp->commands);
    g_string_free(gtp->reply, TRUE);
    g_free(gtp->name);
    g_free(gtp->version);
    g_free(gtp);
}

const struct agent_ops agent_gtp_ops = {
    .name = "gtp",
    .usage = "gtp:COMMAND LINE",
    .summary = "another program that plays Go over GTP, e.g. gtp:gnugo --mode gtp --level 10",
    .open = open_gtp,
    .new_game = new_game,
    .moved = moved,
    .choose = choose,
    .stop = stop,
    .close = release,
    .score = score,
};
