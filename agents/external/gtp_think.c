/* Asking a program for a move: the time it has, the move, and what it thinks of it. */
#include <cjson/cJSON.h>
#include <math.h>
#include <string.h>

#include "agents/external/gtp_client.h"

enum { GRACE_MS = 1500, TOLD_CLOCK = -1 };

/* The clock as it stands before the first move of a game. GTP itself knows whole seconds, absolute time and Canadian
 * byo-yomi; the rest in the words of those that have them. */
static bool tell_settings(struct gtp_client *gtp, const struct agent_clock *clock, GError **error)
{
    char command[96];
    int main_s = (int)(clock->main_ms / 1000), period_s = (int)(clock->byo_ms / 1000);
    if (clock->increment_ms > 0 && gtp_client_knows(gtp, "kata-time_settings"))
        g_snprintf(command, sizeof command, "kata-time_settings fischer %d.%03d %d.%03d", main_s,
                   (int)(clock->main_ms % 1000), (int)(clock->increment_ms / 1000), (int)(clock->increment_ms % 1000));
    else if (clock->periods > 1 && gtp_client_knows(gtp, "kgs-time_settings"))
        g_snprintf(command, sizeof command, "kgs-time_settings byoyomi %d %d %d", main_s, period_s, clock->periods);
    else if (!gtp_client_knows(gtp, "time_settings"))
        return true;
    else if (clock->main_ms <= 0 && clock->byo_moves == 0) /* a limit a move: byo-yomi of one stone */
        g_snprintf(command, sizeof command, "time_settings 0 %d 1", (int)(clock->move_ms / 1000));
    else
        g_snprintf(command, sizeof command, "time_settings %d %d %d", main_s, clock->byo_moves ? period_s : 0,
                   clock->byo_moves);
    return gtp_client_ask(gtp, command, GTP_COMMAND_MS, NULL, error);
}

static bool send_time(struct gtp_client *gtp, const struct agent_clock *clock, GError **error)
{
    bool whole_game = clock->main_ms > 0 || clock->byo_moves > 0;
    int64_t told = whole_game ? TOLD_CLOCK : clock->move_ms / 1000;
    if (told != gtp->time_told && told != 0 && !tell_settings(gtp, clock, error))
        return false;
    gtp->time_told = told;
    if (!whole_game || !gtp_client_knows(gtp, "time_left"))
        return true;
    char command[64];
    bool in_period = clock->main_ms <= 0 && clock->byo_moves > 0;
    g_snprintf(command, sizeof command, "time_left %s %d %d", gtp_client_colour(gtp->to_move),
               (int)((in_period ? clock->byo_ms : clock->main_ms) / 1000), in_period ? clock->byo_moves : 0);
    return gtp_client_ask(gtp, command, GTP_COMMAND_MS, NULL, error);
}

/* How it is asked for a move: where it can, so that it tells what it thinks of it. CGOS's form is made for referees
 * (one line of JSON); Leela Zero's is the widespread one, asked for a single report. */
static const char *genmove_of(const struct gtp_client *gtp, const char **arguments)
{
    *arguments = "";
    if (gtp_client_knows(gtp, "cgos-genmove_analyze"))
        return "cgos-genmove_analyze";
    if (!gtp_client_knows(gtp, "lz-genmove_analyze"))
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
    const char *vertex = read_thoughts(gtp->reply->str, choice);
    if (g_ascii_strcasecmp(vertex, "resign") == 0) {
        choice->action = AGENT_RESIGNS;
        return true;
    }
    choice->move = gtp->own_move = game_move_parse(agent->game, vertex);
    if (choice->move == GAME_NO_MOVE)
        return process_refuse(error, AGENT_ERROR_PROTOCOL, "at \"%s\": \"%.60s\" is not a move", command, vertex);
    return true;
}
