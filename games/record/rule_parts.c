/* KataGo's rules: objects, single fields, and strings such as koSIMPLEscoreAREAtaxNONEsui0. */
#include <cjson/cJSON.h>
#include <math.h>
#include <string.h>

#include "games/game.h"
#include "games/go/go.h"
#include "games/record/rule_names.h"
#include "games/record/rule_names_internal.h"

/* Under territory scoring this tax is part of Japanese rules, and no loss. */
static const char no_seki_tax[] = "Tengen does not implement seki tax under area scoring; the closest rules are those "
                                  "without a tax";
static const char no_spight_ko[] = "Tengen does not implement Spight's ko rule; the closest is situational superko";

/* The fields of KataGo's rules objects. Each value corresponds to an option of ours; NULL if it needs none. */
static const struct part {
    const char *key, *value, *option, *lossy;
} parts[] = {
    {"ko", "SIMPLE", "ko=simple", NULL},
    {"ko", "POSITIONAL", "ko=positional", NULL},
    {"ko", "SITUATIONAL", "ko=situational", NULL},
    {"ko", "SPIGHT", "ko=situational", no_spight_ko},
    {"scoring", "AREA", "scoring=area", NULL},
    {"scoring", "TERRITORY", "scoring=territory", NULL},
    {"score", "AREA", "scoring=area", NULL},
    {"score", "TERRITORY", "scoring=territory", NULL},
    {"suicide", "true", "suicide=yes", NULL},
    {"suicide", "false", "suicide=no", NULL},
    {"multiStoneSuicideLegal", "true", "suicide=yes", NULL},
    {"multiStoneSuicideLegal", "false", "suicide=no", NULL},
    {"whiteHandicapBonus", "0", "bonus=none", NULL},
    {"whiteHandicapBonus", "N", "bonus=n", NULL},
    {"whiteHandicapBonus", "N-1", "bonus=n-1", NULL},
    {"tax", "NONE", NULL, NULL},
    {"tax", "SEKI", NULL, no_seki_tax},
    {"tax", "ALL", NULL, rules_no_tax},
    {"hasButton", "false", NULL, NULL},
    {"hasButton", "true", NULL, rules_no_button},
    {"friendlyPassOk", "false", NULL, NULL},
    {"friendlyPassOk", "true", NULL, NULL},
};

/* The words of KataGo's strings, such as koSIMPLEscoreAREAtaxNONEsui0whbN-1. A word precedes those that are a prefix of
 * it. */
static const struct word {
    const char *word, *key;
    bool digit; /* 0 or 1 instead of false or true */
} words[] = {
    {"komi", "komi", false},
    {"ko", "ko", false},
    {"scoring", "scoring", false},
    {"score", "scoring", false},
    {"tax", "tax", false},
    {"sui", "suicide", true},
    {"button", "hasButton", true},
    {"whb", "whiteHandicapBonus", false},
    {"fpok", "friendlyPassOk", true},
};

/* The fields read so far. */
struct changes {
    GString *options; /* as game_vary takes them */
    const char *loss; /* what is not supported and left out; NULL: nothing */
};

static void add_option(struct changes *changes, const char *option)
{
    g_string_append_printf(changes->options, "%s%s", changes->options->len ? "," : "", option);
}

/* Adds the option for a field; false, with the error set, for an unknown field or value. */
static bool add_part(struct changes *changes, const char *key, const char *value, GError **error)
{
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
        if (strcmp(parts[i].key, key) == 0 && g_ascii_strcasecmp(parts[i].value, value) == 0) {
            if (parts[i].option)
                add_option(changes, parts[i].option);
            if (parts[i].lossy)
                changes->loss = parts[i].lossy;
            return true;
        }
    g_set_error(error, GAME_ERROR, GAME_ERROR_SPEC, "unsupported value %.40s for rule %.40s", value, key);
    return false;
}

static bool add_komi(struct changes *changes, double komi, GError **error)
{
    char option[32];
    if (!(fabs(komi) <= 1000) || komi * 2 != floor(komi * 2)) {
        g_set_error_literal(error, GAME_ERROR, GAME_ERROR_SPEC,
                            "komi must be an integer or half-integer from -1000 to 1000");
        return false;
    }
    int halves = (int)(komi * 2);
    g_snprintf(option, sizeof option, "komi=%s%d%s", halves < 0 ? "-" : "", ABS(halves) / 2, halves % 2 ? ".5" : "");
    add_option(changes, option);
    return true;
}

/* Sets *to to `from` with the changes. Returns false, with the error set and *to unchanged, if they do not fit or if the
 * caller does not accept the loss. */
static bool apply(struct game *to, const struct game *from, const struct changes *changes, const char **lossy,
                  GError **error)
{
    struct game made;
    if (!game_vary(&made, from, changes->options->str, error))
        return false;
    bool lost = changes->loss != no_seki_tax || go_rules(&made).scoring == GO_AREA;
    if (lost && !rules_accept_loss(changes->loss, lossy, error))
        return false;
    *to = made;
    return true;
}

/* ---- KataGo's strings of rules ---- */

static const struct word *take_word(const char **at)
{
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        if (g_ascii_strncasecmp(*at, words[i].word, strlen(words[i].word)) == 0) {
            *at += strlen(words[i].word);
            return &words[i];
        }
    return NULL;
}

/* Parses the longest value of the word's field at *at and advances *at; NULL if there is none. */
static const char *take_value(const char **at, const struct word *word)
{
    const char *found = NULL;
    size_t longest = 0;
    if (word->digit && (**at == '0' || **at == '1'))
        return *(*at)++ == '1' ? "true" : "false";
    for (size_t i = 0; i < G_N_ELEMENTS(parts) && !word->digit; i++) {
        size_t length = strlen(parts[i].value);
        if (strcmp(parts[i].key, word->key) == 0 && length > longest &&
            g_ascii_strncasecmp(*at, parts[i].value, length) == 0) {
            found = parts[i].value;
            longest = length;
        }
    }
    *at += longest;
    return found;
}

static bool read_komi(const char **at, struct changes *changes, GError **error)
{
    char *end;
    double komi = g_ascii_strtod(*at, &end);
    bool fine = end != *at && add_komi(changes, komi, error);
    *at = end;
    return fine;
}

/* Adds the options that the string stands for. Returns false if it is not one of KataGo's strings; the error is set only
 * for an invalid komi. */
static bool read_string(const char *at, struct changes *changes, GError **error)
{
    bool fine = *at;
    while (fine && *(at += strspn(at, " "))) {
        const struct word *word = take_word(&at);
        at += strspn(at, " ");
        if (word && strcmp(word->key, "komi") == 0) {
            fine = read_komi(&at, changes, error);
        } else {
            const char *value = word ? take_value(&at, word) : NULL;
            fine = value && add_part(changes, word->key, value, error);
        }
    }
    return fine;
}

static bool same_rules(const struct game *a, const struct game *b)
{
    const struct go_rules one = go_rules(a), other = go_rules(b);
    return one.ko == other.ko && one.scoring == other.scoring && one.suicide == other.suicide &&
           one.bonus == other.bonus;
}

/* Switches to the named rule set with the same rules, if there is one, so that its name is used in records and for other
 * programs. */
static void choose_set(struct game *game)
{
    struct game named;
    for (const struct rule_set *set = rule_sets; set->name; set++)
        if (strcmp(set->game, game->ops->name) == 0 && !set->lossy && game_vary(&named, game, RULES_RESET, NULL) &&
            game_vary(&named, &named, set->options, NULL) && same_rules(&named, game)) {
            *game = named;
            return;
        }
}

/* Omitted fields are as in Tromp-Taylor rules. */
bool rules_set_string(struct game *to, const struct game *from, const char *text, const char **lossy, GError **error)
{
    struct changes changes = {.options = g_string_new(NULL)};
    struct game made;
    bool fine = read_string(text, &changes, error) && game_vary(&made, from, RULES_RESET, error) &&
                game_vary(&made, &made, "rules=tromp-taylor", error) && apply(&made, &made, &changes, lossy, error);
    g_string_free(changes.options, TRUE);
    if (!fine)
        return false;
    choose_set(&made);
    *to = made;
    return true;
}

bool rules_text_has_komi(const char *text)
{
    struct changes changes = {.options = g_string_new(NULL)};
    bool has = read_string(text, &changes, NULL) && strstr(changes.options->str, "komi=");
    g_string_free(changes.options, TRUE);
    return has;
}

/* ---- fields ---- */

bool rules_set_part(struct game *to, const struct game *from, const char *key, const char *value, const char **lossy,
                    GError **error)
{
    struct changes changes = {.options = g_string_new(NULL)};
    bool fine = rules_are_of_go(from, error) && add_part(&changes, key, value, error) &&
                apply(to, from, &changes, lossy, error);
    g_string_free(changes.options, TRUE);
    return fine;
}

static bool add_item(struct changes *changes, const cJSON *item, GError **error)
{
    if (strcmp(item->string, "komi") == 0 && cJSON_IsNumber(item))
        return add_komi(changes, item->valuedouble, error);
    if (cJSON_IsString(item))
        return add_part(changes, item->string, item->valuestring, error);
    if (cJSON_IsBool(item))
        return add_part(changes, item->string, cJSON_IsTrue(item) ? "true" : "false", error);
    g_set_error(error, GAME_ERROR, GAME_ERROR_SPEC, "the value of %.40s must be a string or a boolean", item->string);
    return false;
}

bool rules_set_parts(struct game *to, const struct game *from, const cJSON *object, const char **lossy, GError **error)
{
    struct changes changes = {.options = g_string_new(NULL)};
    bool fine = rules_are_of_go(from, error);
    for (const cJSON *item = object->child; item && fine; item = item->next)
        fine = add_item(&changes, item, error);
    fine = fine && apply(to, from, &changes, lossy, error);
    g_string_free(changes.options, TRUE);
    return fine;
}

/* KataGo's value for an option of ours. */
static const char *katago_value(const char *key, const char *option)
{
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
        if (strcmp(parts[i].key, key) == 0 && g_strcmp0(parts[i].option, option) == 0)
            return parts[i].value;
    g_assert_not_reached();
}

char *rules_format_parts(const struct game *game)
{
    static const char *const ko[] = {"ko=simple", "ko=positional", "ko=situational"};
    static const char *const bonus[] = {"bonus=none", "bonus=n", "bonus=n-1"};
    const struct go_rules rules = go_rules(game);
    return g_strdup_printf("{\"friendlyPassOk\":false,\"hasButton\":false,\"ko\":\"%s\",\"scoring\":\"%s\","
                           "\"suicide\":%s,\"tax\":\"NONE\",\"whiteHandicapBonus\":\"%s\"}",
                           katago_value("ko", ko[rules.ko]),
                           katago_value("scoring", rules.scoring == GO_AREA ? "scoring=area" : "scoring=territory"),
                           katago_value("suicide", rules.suicide ? "suicide=yes" : "suicide=no"),
                           katago_value("whiteHandicapBonus", bonus[rules.bonus]));
}
