#include "games/record/rule_names.h"

#include "games/go/go.h"

static const char no_button[] = "there is no button here; the nearest are the rules without it";
static const char no_tax[] = "groups and points in seki are not taxed here; the nearest are the rules without a tax";

/* Names to options of a game spec; KGS's and KataGo's. lossy: what the options leave out. */
static const struct {
    const char *name, *options, *lossy;
} named_rules[] = {
    {"tromp-taylor", "rules=tromp-taylor", NULL},
    {"chinese", "rules=chinese", NULL},
    {"chinese-ogs", "rules=chinese", NULL},
    {"chinese-kgs", "rules=chinese", NULL},
    {"japanese", "rules=japanese", NULL},
    {"korean", "rules=japanese", NULL},
    {"aga", "rules=aga", NULL},
    {"bga", "rules=aga", NULL},
    {"french", "rules=aga", NULL},
    {"new-zealand", "rules=chinese,suicide=yes,ko=situational,bonus=none", NULL},
    {"aga-button", "rules=aga,bonus=none", no_button},
    {"stone-scoring", "rules=chinese,bonus=none", no_tax},
    {"ancient-area", "rules=chinese,bonus=none", no_tax},
    {"ancient-territory", "rules=japanese", no_tax},
};

/* A part of the rules in KataGo's words: each value is an option of ours; NULL where there is only one. */
static const struct {
    const char *key, *value, *option, *lossy;
} parts[] = {
    {"ko", "SIMPLE", "ko=simple", NULL},
    {"ko", "POSITIONAL", "ko=positional", NULL},
    {"ko", "SITUATIONAL", "ko=situational", NULL},
    {"scoring", "AREA", "scoring=area", NULL},
    {"scoring", "TERRITORY", "scoring=territory", NULL},
    {"suicide", "true", "suicide=yes", NULL},
    {"suicide", "false", "suicide=no", NULL},
    {"multiStoneSuicideLegal", "true", "suicide=yes", NULL},
    {"multiStoneSuicideLegal", "false", "suicide=no", NULL},
    {"whiteHandicapBonus", "0", "bonus=none", NULL},
    {"whiteHandicapBonus", "N", "bonus=n", NULL},
    {"whiteHandicapBonus", "N-1", "bonus=n-1", NULL},
    {"tax", "NONE", NULL, NULL},
    {"tax", "SEKI", NULL, no_tax},
    {"tax", "ALL", NULL, no_tax},
    {"hasButton", "false", NULL, NULL},
    {"hasButton", "true", NULL, no_button},
    {"friendlyPassOk", "false", NULL, NULL},
    {"friendlyPassOk", "true", NULL, NULL},
};

static const char reset[] = "suicide=rule,ko=rule,scoring=rule,bonus=rule,last=rule,passstones=rule";

static bool is_go(const struct game *from, GError **error)
{
    if (from->ops == &go_ops)
        return true;
    g_set_error_literal(error, GAME_ERROR, GAME_ERROR_SPEC, "these rules are Go's");
    return false;
}

/* Whether a part left out is fine with the caller, who is told. */
static bool accept_loss(const char *loss, const char **lossy, GError **error)
{
    if (loss && lossy)
        *lossy = loss;
    if (!loss || lossy)
        return true;
    g_set_error_literal(error, GAME_ERROR, GAME_ERROR_SPEC, loss);
    return false;
}

/* Programs write a blank or "_" where others have "-". */
static bool same_name(const char *a, const char *b)
{
    char *plain = g_strdelimit(g_strdup(b), "_ ", '-');
    bool same = g_ascii_strcasecmp(a, plain) == 0;
    g_free(plain);
    return same;
}

bool rules_set_named(struct game *to, const struct game *from, const char *name, const char **lossy, GError **error)
{
    if (!is_go(from, error))
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(named_rules); i++) {
        struct game plain;
        if (!same_name(named_rules[i].name, name))
            continue;
        return accept_loss(named_rules[i].lossy, lossy, error) && game_vary(&plain, from, from->size, reset, error) &&
               game_vary(to, &plain, plain.size, named_rules[i].options, error);
    }
    g_set_error(error, GAME_ERROR, GAME_ERROR_SPEC,
                "unknown rules \"%.40s\"; known are tromp-taylor, chinese, japanese, korean, aga, bga, new-zealand",
                name);
    return false;
}

/* Adds the option for a part; false when there is no such part or value here. */
static bool add_part(GString *changes, const char *key, const char *value, const char **lossy, GError **error)
{
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
        if (strcmp(parts[i].key, key) == 0 && g_ascii_strcasecmp(parts[i].value, value) == 0) {
            if (parts[i].option)
                g_string_append_printf(changes, "%s%s", changes->len ? "," : "", parts[i].option);
            return accept_loss(parts[i].lossy, lossy, error);
        }
    g_set_error(error, GAME_ERROR, GAME_ERROR_SPEC, "the rules know no %.40s of %.40s", key, value);
    return false;
}

bool rules_set_part(struct game *to, const struct game *from, const char *key, const char *value, const char **lossy,
                    GError **error)
{
    GString *changes = g_string_new(NULL);
    bool fine = is_go(from, error) && add_part(changes, key, value, lossy, error) &&
                game_vary(to, from, from->size, changes->str, error);
    g_string_free(changes, TRUE);
    return fine;
}

bool rules_set_parts(struct game *to, const struct game *from, const cJSON *object, const char **lossy, GError **error)
{
    GString *changes = g_string_new(NULL);
    bool fine = is_go(from, error);
    for (const cJSON *item = object->child; item && fine; item = item->next) {
        const char *value = cJSON_IsString(item) ? item->valuestring : cJSON_IsTrue(item) ? "true" : "false";
        fine = cJSON_IsString(item) || cJSON_IsBool(item);
        if (fine)
            fine = add_part(changes, item->string, value, lossy, error);
        else
            g_set_error(error, GAME_ERROR, GAME_ERROR_SPEC, "the value of %.40s is no text", item->string);
    }
    fine = fine && game_vary(to, from, from->size, changes->str, error);
    g_string_free(changes, TRUE);
    return fine;
}
