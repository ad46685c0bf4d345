/* Requesting a move from a program: time settings, the move, and its evaluation. */
#include <cjson/cJSON.h>
#include <math.h>
#include <string.h>

#include "agents/agent.h"
#include "agents/external/gtp_client.h"
#include "agents/external/process.h"
#include "games/game.h"

enum { GRACE_MS = 1500, SENT_CLOCK = -1, NO_CAP_S = 100000000 };

/* Sends the time control before the first move of a game. Standard GTP supports whole seconds, absolute time and
 * Canadian byo-yomi; other controls use extensions if the program has them. */
static bool send_time_settings(struct gtp_client *gtp, const struct agent_clock *clock, GError **error)
{
    char command[128];
    int main_s = (int)(clock->main_ms / 1000), period_s = (int)(clock->byo_ms / 1000);
    gtp->counts_periods = clock->periods > 1 && gtp_client_supports(gtp, "kgs-time_settings");
    if (clock->main_ms > 0 && clock->move_ms > 0)
        g_snprintf(command, sizeof command, "kata-time_settings fischer-capped %d.%03d %d.%03d %d %d.%03d", main_s,
                   (int)(clock->main_ms % 1000), (int)(clock->increment_ms / 1000), (int)(clock->increment_ms % 1000),
                   NO_CAP_S, (int)(clock->move_ms / 1000), (int)(clock->move_ms % 1000));
    else if (clock->increment_ms > 0 && gtp_client_supports(gtp, "kata-time_settings"))
        g_snprintf(command, sizeof command, "kata-time_settings fischer %d.%03d %d.%03d", main_s,
                   (int)(clock->main_ms % 1000), (int)(clock->increment_ms / 1000), (int)(clock->increment_ms % 1000));
    else if (gtp->counts_periods)
        g_snprintf(command, sizeof command, "kgs-time_settings byoyomi %d %d %d", main_s, period_s, clock->periods);
    else if (!gtp_client_supports(gtp, "time_settings"))
        return true;
    else if (clock->main_ms <= 0 && clock->byo_moves == 0) /* fixed time per move: byo-yomi of one stone */
        g_snprintf(command, sizeof command, "time_settings 0 %d 1", (int)(clock->move_ms / 1000));
    else
        g_snprintf(command, sizeof command, "time_settings %d %d %d", main_s, clock->byo_moves ? period_s : 0,
                   clock->byo_moves);
    return gtp_client_ask(gtp, command, GTP_COMMAND_MS, NULL, error);
}

static bool send_time(struct gtp_client *gtp, const struct agent_clock *clock, GError **error)
{
    bool whole_game = clock->main_ms > 0 || clock->byo_moves > 0;
    int64_t sent = whole_game ? SENT_CLOCK : clock->move_ms / 1000;
    if (sent != gtp->time_sent && sent != 0 && !send_time_settings(gtp, clock, error))
        return false;
    gtp->time_sent = sent;
    if (!whole_game || !gtp_client_supports(gtp, "time_left"))
        return true;
    char command[64];
    bool in_period = clock->main_ms <= 0 && clock->byo_moves > 0;
    g_snprintf(command, sizeof command, "time_left %s %d %d", gtp_client_colour(gtp->to_move),
               (int)((in_period ? clock->byo_ms : clock->main_ms) / 1000),
               !in_period            ? 0
               : gtp->counts_periods ? clock->periods
                                     : clock->byo_moves);
    return gtp_client_ask(gtp, command, GTP_COMMAND_MS, NULL, error);
}

/* The genmove command, preferably one that also reports an evaluation: CGOS's is designed for referees (one line of
 * JSON); Leela Zero's is the most widespread, used here with a single report. */
static const char *genmove_of(const struct gtp_client *gtp, const char **arguments)
{
    *arguments = "";
    if (gtp_client_supports(gtp, "cgos-genmove_analyze"))
        return "cgos-genmove_analyze";
    if (!gtp_client_supports(gtp, "lz-genmove_analyze"))
        return "genmove";
    *arguments = " 100000";
    return "lz-genmove_analyze";
}

/* Finds `word` from *at on and parses the number after it, advancing *at; NAN if there is none. */
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

/* Sets the value from the mover's win probability, 0..scale. */
static void set_value(struct agent_choice *choice, double chance, double scale, double visits)
{
    if (chance >= 0 && chance <= scale)
        choice->value = (float)(2 * chance / scale - 1);
    if (visits >= 0 && visits < 1e15)
        choice->visits = (int64_t)visits;
}

/* CGOS format: one JSON object, winrate from 0 to 1. */
static void set_json_value(struct agent_choice *choice, const char *text)
{
    cJSON *object = cJSON_Parse(text), *chance = cJSON_GetObjectItem(object, "winrate"),
          *visits = cJSON_GetObjectItem(object, "visits");
    set_value(choice, cJSON_IsNumber(chance) ? chance->valuedouble : NAN, 1,
              cJSON_IsNumber(visits) ? visits->valuedouble : NAN);
    cJSON_Delete(object);
}

/* Parses the evaluation from the lines before "play VERTEX", which it cuts off; returns the vertex. */
static const char *parse_analysis(char *reply, struct agent_choice *choice)
{
    char *play = g_str_has_prefix(reply, "play ") ? reply : g_strrstr(reply, "\nplay ");
    if (!play)
        return reply; /* only a move */
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
        bool fraction = own > all && own[-1] == '.'; /* KataGo and Sabaki format */
        for (double some; isfinite(some = number_after(&all, " visits "));)
            visits += some;
        set_value(choice, chance, fraction ? 1 : 10000, visits);
    }
    g_free(key);
    return vertex;
}

bool gtp_client_choose(struct agent *agent, const struct agent_clock *clock, struct agent_choice *choice,
                       GError **error)
{
    struct gtp_client *gtp = agent->own;
    char command[64];
    const char *arguments, *genmove = genmove_of(gtp, &arguments);
    int64_t limit_ms = agent_clock_limit_ms(clock), timeout_ms = limit_ms ? limit_ms + GRACE_MS : agent->reply_ms;
    g_snprintf(command, sizeof command, "%s %s%s", genmove, gtp_client_colour(gtp->to_move), arguments);
    if (!send_time(gtp, clock, error) || !gtp_client_ask(gtp, command, timeout_ms, NULL, error))
        return false;
    const char *vertex = parse_analysis(gtp->reply->str, choice);
    if (g_ascii_strcasecmp(vertex, "resign") == 0) {
        choice->action = AGENT_RESIGNS;
        return true;
    }
    choice->move = gtp->own_move = game_move_parse(agent->game, vertex);
    if (choice->move == GAME_NO_MOVE)
        return process_refuse(error, AGENT_ERROR_PROTOCOL, "at \"%s\": \"%.60s\" is not a move", command, vertex);
    return true;
}
