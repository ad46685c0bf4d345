/* Rules of Go by name and by part, as KGS and KataGo have them. */
#include <cjson/cJSON.h>

#include "engine/gtp_session.h"
#include "games/go.h"

/* Names to options of a game spec; KGS's and KataGo's. */
static const struct {
    const char *name, *options;
} named_rules[] = {
    {"tromp-taylor", "rules=tromp-taylor"},
    {"chinese", "rules=chinese"},
    {"chinese-ogs", "rules=chinese"},
    {"chinese-kgs", "rules=chinese"},
    {"japanese", "rules=japanese"},
    {"korean", "rules=japanese"},
    {"aga", "rules=aga"},
    {"bga", "rules=aga"},
    {"new-zealand", "rules=chinese,suicide=yes,ko=situational,bonus=none"},
    {"new_zealand", "rules=chinese,suicide=yes,ko=situational,bonus=none"},
};

static const char reset[] = "suicide=rule,ko=rule,scoring=rule,bonus=rule,last=rule,passstones=rule";

static bool change_game(struct gtp_call *call, const char *changes)
{
    struct gtp *gtp = call->gtp;
    struct game game;
    GError *error = NULL;
    if (gtp->game.ops != &go_ops)
        return gtp_refuse(call, "these rules are Go's");
    if (game_vary(&game, &gtp->game, gtp->game.size, changes, &error) &&
        (game_equal(&game, &gtp->game) || gtp_set_game(gtp, &game, true, &error)))
        return true;
    return gtp_refuse_error(call, "", error);
}

static const char *find_named(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(named_rules); i++)
        if (g_ascii_strcasecmp(named_rules[i].name, name) == 0)
            return named_rules[i].options;
    return NULL;
}

/* A rule set by its name; options that stood apart from the old one go. */
static bool set_named(struct gtp_call *call, const char *name)
{
    const char *options = find_named(name);
    if (!options)
        return gtp_refuse(call,
                          "unknown rules \"%.40s\"; known are tromp-taylor, chinese, japanese, korean, aga, bga, "
                          "new-zealand",
                          name);
    struct gtp *gtp = call->gtp;
    struct game plain;
    if (gtp->game.ops != &go_ops)
        return gtp_refuse(call, "these rules are Go's");
    if (!game_vary(&plain, &gtp->game, gtp->game.size, reset, NULL))
        return gtp_refuse(call, "the rules cannot be set");
    struct game game;
    GError *error = NULL;
    if (game_vary(&game, &plain, plain.size, options, &error) &&
        (game_equal(&game, &gtp->game) || gtp_set_game(gtp, &game, true, &error)))
        return true;
    return gtp_refuse_error(call, "", error);
}

/* ---- rules by part ---- */

/* A part of the rules in KataGo's words: each value is an option of ours; NULL where there is only one. */
static const struct {
    const char *key, *value, *option;
} parts[] = {
    {"ko", "SIMPLE", "ko=simple"},
    {"ko", "POSITIONAL", "ko=positional"},
    {"ko", "SITUATIONAL", "ko=situational"},
    {"scoring", "AREA", "scoring=area"},
    {"scoring", "TERRITORY", "scoring=territory"},
    {"suicide", "true", "suicide=yes"},
    {"suicide", "false", "suicide=no"},
    {"multiStoneSuicideLegal", "true", "suicide=yes"},
    {"multiStoneSuicideLegal", "false", "suicide=no"},
    {"whiteHandicapBonus", "0", "bonus=none"},
    {"whiteHandicapBonus", "N", "bonus=n"},
    {"whiteHandicapBonus", "N-1", "bonus=n-1"},
    {"tax", "NONE", NULL},
    {"hasButton", "false", NULL},
    {"friendlyPassOk", "false", NULL},
    {"friendlyPassOk", "true", NULL},
};

/* Adds the option for a part; false when there is no such part or value here. */
static bool add_part(struct gtp_call *call, GString *changes, const char *key, const char *value)
{
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
        if (strcmp(parts[i].key, key) == 0 && g_ascii_strcasecmp(parts[i].value, value) == 0) {
            if (parts[i].option)
                g_string_append_printf(changes, "%s%s", changes->len ? "," : "", parts[i].option);
            return true;
        }
    return gtp_refuse(call, "the rules know no %.40s of %.40s", key, value);
}

static bool set_json(struct gtp_call *call, const char *text)
{
    GString *changes = g_string_new(NULL);
    cJSON *json = cJSON_Parse(text);
    bool fine = cJSON_IsObject(json) || gtp_refuse(call, "rules are a name or a JSON object");
    for (const cJSON *item = fine ? json->child : NULL; item && fine; item = item->next) {
        const char *value = cJSON_IsString(item) ? item->valuestring : cJSON_IsTrue(item) ? "true" : "false";
        fine = cJSON_IsString(item) || cJSON_IsBool(item)
                   ? add_part(call, changes, item->string, value)
                   : gtp_refuse(call, "the value of %.40s is no text", item->string);
    }
    fine = fine && change_game(call, changes->str);
    cJSON_Delete(json);
    g_string_free(changes, TRUE);
    return fine;
}

static bool set_rules(struct gtp_call *call)
{
    char *text = g_strjoinv(" ", call->args); /* JSON may have blanks in it */
    bool fine = text[0] == '{' ? set_json(call, text) : set_named(call, text);
    g_free(text);
    return fine;
}

static bool set_rule(struct gtp_call *call)
{
    GString *changes = g_string_new(NULL);
    bool fine = add_part(call, changes, call->args[0], call->args[1]) && change_game(call, changes->str);
    g_string_free(changes, TRUE);
    return fine;
}

static bool get_rules(struct gtp_call *call)
{
    static const char *const ko[] = {"SIMPLE", "POSITIONAL", "SITUATIONAL"};
    static const char *const bonus[] = {"0", "N", "N-1"};
    if (call->gtp->game.ops != &go_ops)
        return gtp_refuse(call, "these rules are Go's");
    const struct go_rules rules = go_rules(&call->gtp->game);
    g_string_append_printf(call->out,
                           "{\"friendlyPassOk\":false,\"hasButton\":false,\"ko\":\"%s\",\"scoring\":\"%s\","
                           "\"suicide\":%s,\"tax\":\"NONE\",\"whiteHandicapBonus\":\"%s\"}",
                           ko[rules.ko], rules.scoring == GO_AREA ? "AREA" : "TERRITORY",
                           rules.suicide ? "true" : "false", bonus[rules.bonus]);
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
