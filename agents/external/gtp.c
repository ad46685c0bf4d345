/* An external program that speaks GTP version 2, for example GNU Go (whose rules are set by command line options). */
#include <math.h>
#include <string.h>

#include "agents/external/gtp_client.h"
#include "agents/agent.h"
#include "agents/external/process.h"
#include "games/game.h"
#include "games/go/go.h"
#include "games/record/rule_names.h"

enum { QUIT_MS = 500 };

/* GNU Go accepts the rules only on its command line. Options given by the user take precedence. Since dead stones are
 * not agreed on, positions are scored as they stand, so it has to capture them. Returns the command line, freed by the
 * caller. */
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

/* Sends the rules to programs that accept them over GTP. */
static bool send_rules(struct gtp_client *gtp, const struct game *game, GError **error)
{
    const struct rule_set *rules = rules_of(game);
    bool accepted;
    char *command = NULL;
    if (gtp_client_supports(gtp, "kata-set-rules"))
        command = g_strdup_printf("kata-set-rules %s", rules->name);
    else if (gtp_client_supports(gtp, "kgs-rules"))
        command = g_strdup_printf("kgs-rules %s", rules->kgs);
    bool fine = !command || gtp_client_ask(gtp, command, GTP_COMMAND_MS, &accepted, error);
    g_free(command);
    return fine;
}

/* Sets up a position stone by stone. */
static bool send_stones(struct gtp_client *gtp, const struct agent *agent, GError **error)
{
    char vertex[GAME_MOVE_TEXT_MAX], command[48];
    for (int p = 0; p < agent->game->points; p++) {
        enum game_colour colour = agent->game->ops->stone(agent->game, agent->position, p);
        if (colour == GAME_EMPTY)
            continue;
        g_snprintf(command, sizeof command, "play %s %s", colour == GAME_BLACK ? "black" : "white",
                   game_move_format(agent->game, (game_move)p, vertex));
        if (!gtp_client_ask(gtp, command, GTP_COMMAND_MS, NULL, error))
            return false;
    }
    return true;
}

/* Initial stones are sent as handicap, unless there are white ones or moves have been made. */
static bool send_handicap(struct gtp_client *gtp, const struct agent *agent, GError **error)
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
    bool fine = stones == 0 || gtp_client_ask(gtp, command->str, GTP_COMMAND_MS, NULL, error);
    g_string_free(command, TRUE);
    return fine;
}

/* Standard GTP cannot express time for the game together with a limit per move. */
static bool takes_clock(const struct agent *agent, const struct agent_clock *control, GError **error)
{
    char text[AGENT_CLOCK_TEXT_MAX];
    const struct gtp_client *gtp = agent->own;
    return !(control->main_ms > 0 && control->move_ms > 0) || gtp_client_supports(gtp, "kata-time_settings") ||
           process_refuse(error, AGENT_ERROR_SPEC,
                          "%s cannot play under the clock %s: it does not support kata-time_settings, and standard GTP "
                          "cannot express both limits; use time for the game (5m) or for each move (2s/move)",
                          gtp->name, agent_clock_spell(control, text));
}

static bool new_game(struct agent *agent, GError **error)
{
    struct gtp_client *gtp = agent->own;
    char text[64], komi[G_ASCII_DTOSTR_BUF_SIZE];
    g_snprintf(text, sizeof text, "boardsize %d", agent->game->width);
    if (!gtp_client_ask(gtp, text, GTP_COMMAND_MS, NULL, error) ||
        !gtp_client_ask(gtp, "clear_board", GTP_COMMAND_MS, NULL, error))
        return false;
    g_ascii_formatd(komi, sizeof komi, "%.1f", game_option_value(agent->game, "komi", 0) / 2.0);
    g_snprintf(text, sizeof text, "komi %s", komi);
    gtp->to_move = agent->position->colour;
    gtp->own_move = GAME_NO_MOVE;
    gtp->time_sent = 0;
    return gtp_client_ask(gtp, text, GTP_COMMAND_MS, NULL, error) && send_rules(gtp, agent->game, error) &&
           send_handicap(gtp, agent, error);
}

static bool open_gtp(struct agent *agent, const char *argument, GError **error)
{
    if (agent->game->ops != &go_ops)
        return process_refuse(error, AGENT_ERROR_GAME, "gtp plays Go only, not %s; choose another agent",
                              agent->game->ops->name);
    if (!*argument)
        return process_refuse(error, AGENT_ERROR_SPEC,
                              "gtp needs a command line, for example gtp:gnugo --mode gtp --level 10");
    struct gtp_client *gtp = agent->own = g_new0(struct gtp_client, 1);
    gtp->commands = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    gtp->reply = g_string_new(NULL);
    gtp->own_move = GAME_NO_MOVE;
    char *line = complete_command(argument, agent->game);
    const struct process_config config = {.command_line = line, .limits = agent->limits};
    int started = process_start(&gtp->process, &config, error);
    g_free(line);
    return started == 0 && gtp_client_greet(gtp, agent->reply_ms, error);
}

/* The referee may play a different move from the one generated (e.g. after an erroneous resignation or a takeback). */
static bool take_back_own(struct gtp_client *gtp, GError **error)
{
    gtp->own_move = GAME_NO_MOVE;
    return gtp_client_ask(gtp, "undo", GTP_COMMAND_MS, NULL, error);
}

static bool moved(struct agent *agent, game_move move, GError **error)
{
    struct gtp_client *gtp = agent->own;
    char vertex[GAME_MOVE_TEXT_MAX], command[48];
    int colour = gtp->to_move;
    gtp->to_move = agent->position->colour;
    if (gtp->own_move == move) {
        gtp->own_move = GAME_NO_MOVE;
        return true;
    }
    if (gtp->own_move != GAME_NO_MOVE && !take_back_own(gtp, error))
        return false;
    g_snprintf(command, sizeof command, "play %s %s", gtp_client_colour(colour),
               game_move_format(agent->game, move, vertex));
    return gtp_client_ask(gtp, command, GTP_COMMAND_MS, NULL, error);
}

/* "B+3.5", "0" or "Draw". */
static bool score(struct agent *agent, struct game_result *result, GError **error)
{
    struct gtp_client *gtp = agent->own;
    if (!gtp_client_supports(gtp, "final_score"))
        return process_refuse(error, AGENT_ERROR_PROTOCOL, "%s does not support the GTP command final_score",
                              gtp->name);
    if (!gtp_client_ask(gtp, "final_score", agent->reply_ms, NULL, error))
        return false;
    const char *text = gtp->reply->str;
    char winner = g_ascii_toupper(text[0]), *end = NULL;
    *result = (struct game_result){.outcome = GAME_DRAWN, .over = true};
    if (strcmp(text, "0") == 0 || g_ascii_strcasecmp(text, "draw") == 0)
        return true;
    double margin = (winner == 'B' || winner == 'W') && text[1] == '+' ? g_ascii_strtod(text + 2, &end) : NAN;
    if (!(margin >= 0 && margin <= 2 * GAME_MAX_POINTS + 1000) || *end)
        return process_refuse(error, AGENT_ERROR_PROTOCOL, "at \"final_score\": \"%.60s\" is not a score", text);
    bool first = (winner == 'B') == (agent->position->black_player == 0); /* whether player 0 won */
    result->outcome = margin == 0 ? GAME_DRAWN : first ? GAME_WON_0 : GAME_WON_1;
    result->margin = (float)(first ? margin : -margin);
    return true;
}

static void stop(struct agent *agent)
{
    process_interrupt(((struct gtp_client *)agent->own)->process);
}

static void release(struct agent *agent)
{
    struct gtp_client *gtp = agent->own;
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
    .summary = "external Go program over GTP, e.g. gtp:gnugo --mode gtp --level 10",
    .open = open_gtp,
    .takes_clock = takes_clock,
    .new_game = new_game,
    .moved = moved,
    .choose = gtp_client_choose,
    .stop = stop,
    .close = release,
    .score = score,
};
