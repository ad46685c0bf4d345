/* Rules of Go, by name of a rule set or as single rules: the commands of KGS and KataGo. */
#include <cjson/cJSON.h>

#include "engine/protocols/gtp/session.h"
#include "games/game.h"
#include "games/go/go.h"
#include "games/record/rule_names.h"

bool gtp_plays_go(const struct gtp *gtp)
{
    return gtp->game.ops == &go_ops;
}

/* Switches to a game with other rules. made: whether `game` could be created; otherwise reports `error`, which is
 * freed. Returns whether the rules were changed. */
static bool switch_game(struct gtp_call *call, const struct game *game, bool made, GError *error)
{
    struct gtp *gtp = call->gtp;
    return (made && (game_equal(game, &gtp->game) || gtp_set_game(gtp, game, true, &error))) ||
           gtp_fail_error(call, "", error);
}

static bool set_named(struct gtp_call *call, const char *name)
{
    struct game game;
    GError *error = NULL;
    bool made = rules_set_named(&game, &call->gtp->game, name, NULL, &error);
    return switch_game(call, &game, made, error);
}

static bool set_json(struct gtp_call *call, const char *text)
{
    struct game game;
    GError *error = NULL;
    cJSON *json = cJSON_Parse(text);
    bool object = cJSON_IsObject(json), made = object && rules_set_parts(&game, &call->gtp->game, json, NULL, &error);
    cJSON_Delete(json);
    return object ? switch_game(call, &game, made, error) : gtp_fail(call, "rules must be a name or a JSON object");
}

static bool set_rules(struct gtp_call *call)
{
    char *text = g_strjoinv(" ", call->args); /* JSON may contain spaces */
    bool ok = text[0] == '{' ? set_json(call, text) : set_named(call, text);
    g_free(text);
    return ok;
}

static bool set_rule(struct gtp_call *call)
{
    struct game game;
    GError *error = NULL;
    bool made = rules_set_part(&game, &call->gtp->game, call->args[0], call->args[1], NULL, &error);
    return switch_game(call, &game, made, error);
}

static bool get_rules(struct gtp_call *call)
{
    if (!gtp_plays_go(call->gtp))
        return gtp_fail(call, "kata-get-rules is supported for Go only");
    char *parts = rules_format_parts(&call->gtp->game);
    g_string_append(call->out, parts);
    g_free(parts);
    return true;
}

static bool kgs_rules(struct gtp_call *call)
{
    return set_named(call, call->args[0]);
}

const struct gtp_command gtp_rules_commands[] = {
    {"kata-get-rules", 0, 0, get_rules},
    {"kata-set-rules", 1, -1, set_rules},
    {"kata-set-rule", 2, 2, set_rule},
    {"kgs-rules", 1, 1, kgs_rules},
    {NULL, 0, 0, NULL},
};
