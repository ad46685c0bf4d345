#include "net/graph/blocks/modifiers.h"

#include "net/graph/blocks/blocks.h"
#include "net/net.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

/* The presets. */
enum { HEADS = 4 };
static const struct net_steps STEPS = {2, 8};
static const double EARLY = 0.5;
enum { STATE = 16, MOVES = 4 };
enum { EXPERTS = 4 };

enum kind { REAL, WHOLE, RANGE }; /* a double, an int, a struct net_steps */

static const struct modifier {
    const char *name, *help;
    unsigned takes;
    enum kind kind;
    double least, most;
    size_t at; /* in struct net_modifiers */
} modifiers_table[] = {
    {"drop", "dropout in training: the fraction of values set to 0 (0 to 0.9)", NET_TAKES_DROP, REAL, 0, 0.9,
     offsetof(struct net_modifiers, drop[NET_DROP_VALUES])},
    {"spatial", "dropout of whole channels in training (0 to 0.9)", NET_TAKES_DROP, REAL, 0, 0.9,
     offsetof(struct net_modifiers, drop[NET_DROP_CHANNELS])},
    {"depth", "dropout of all that a residual block adds to the trunk, in training (stochastic depth; 0 to 0.9)",
     NET_TAKES_BRANCH, REAL, 0, 0.9, offsetof(struct net_modifiers, drop[NET_DROP_BRANCH])},
    {"heads", "heads of attention, which divide the channels (1 to 16; 4 by default)", NET_TAKES_HEADS, WHOLE, 1, 16,
     offsetof(struct net_modifiers, heads)},
    {"steps",
     "how often a loop is repeated: 8, or 2..8 to train with a number from this range and play with the last (1 to 16; "
     "2..8 by default)",
     NET_TAKES_STEPS, RANGE, 1, NET_STEPS_MAX, offsetof(struct net_modifiers, steps)},
    {"early",
     "loss weight of a loop's answer after half of its steps; that of the final answer is 1 (0 to 4; 0.5 by default)",
     NET_TAKES_STEPS, REAL, 0, 4, offsetof(struct net_modifiers, early)},
    {"state", "channels of the state that is carried along the moves played (4 to 64; 16 by default)", NET_TAKES_STATE,
     WHOLE, 4, 64, offsetof(struct net_modifiers, state)},
    {"moves",
     "the number of moves played, up to the present position, along which the state is carried (1 to 16; 4 by default)",
     NET_TAKES_STATE, WHOLE, 1, NET_MOVES_MAX, offsetof(struct net_modifiers, moves)},
    {"experts", "experts, of which a position uses one (2 to 8; 4 by default)", NET_TAKES_EXPERTS, WHOLE, 2,
     NET_EXPERTS_MAX, offsetof(struct net_modifiers, experts)},
};

bool net_modifier_at(int i, const char **name, const char **help)
{
    if (i < 0 || i >= (int)G_N_ELEMENTS(modifiers_table))
        return false;
    *name = modifiers_table[i].name;
    *help = modifiers_table[i].help;
    return true;
}

/* What the block takes, for messages: "+drop= (HELP), +spatial= (HELP), ..."; freed with g_free. */
static char *accepted(const struct net_block *block)
{
    GString *text = g_string_new(NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(modifiers_table); i++)
        if (modifiers_table[i].takes & block->takes)
            g_string_append_printf(text, "%s+%s= (%s)", text->len ? ", " : "", modifiers_table[i].name,
                                   modifiers_table[i].help);
    return g_string_free(text, FALSE);
}

static const struct modifier *find(const char *text, size_t length, const struct net_block *block)
{
    for (size_t i = 0; i < G_N_ELEMENTS(modifiers_table); i++) {
        const struct modifier *m = &modifiers_table[i];
        if (strlen(m->name) == length && memcmp(m->name, text, length) == 0 && m->takes & block->takes)
            return m;
    }
    return NULL;
}

/* Reads a number of the modifier up to the end of the text. */
static bool read_number(const char *text, const struct modifier *modifier, double *value)
{
    char *end;
    *value = g_ascii_strtod(text, &end);
    return end > text && *end == 0 && isfinite(*value) && *value >= modifier->least && *value <= modifier->most &&
           (modifier->kind == REAL || *value == floor(*value));
}

/* "8" or "2..8". */
static bool read_range(const char *text, const struct modifier *modifier, struct net_steps *steps)
{
    char **ends = g_strsplit(text, "..", 2);
    double least = 0, most = 0;
    bool good = ends[0] && read_number(ends[0], modifier, &least) &&
                (ends[1] ? read_number(ends[1], modifier, &most) : (most = least) > 0) && least <= most;
    g_strfreev(ends);
    if (good)
        *steps = (struct net_steps){(int)least, (int)most};
    return good;
}

static bool read_value(const char *text, const struct modifier *modifier, struct net_modifiers *modifiers)
{
    void *at = (char *)modifiers + modifier->at;
    double value;
    if (modifier->kind == RANGE)
        return read_range(text, modifier, at);
    if (!read_number(text, modifier, &value))
        return false;
    if (modifier->kind == WHOLE)
        *(int *)at = (int)value;
    else
        *(double *)at = value;
    return true;
}

/* One modifier, "drop=0.1". seen: a bit for each row of the table. */
static bool modifier_parse(const char *text, const struct net_block *block, const char *word, unsigned *seen,
                           struct net_modifiers *modifiers, GError **error)
{
    const char *equals = strchr(text, '=');
    const struct modifier *modifier = equals ? find(text, (size_t)(equals - text), block) : NULL;
    if (!modifier) {
        char *takes = accepted(block);
        g_set_error(error, NET_ERROR, NET_ERROR_SPEC, "block \"%s\" does not take \"+%s\"; %s takes %s", word, text,
                    block->name, takes);
        g_free(takes);
        return false;
    }
    unsigned bit = 1u << (modifier - modifiers_table);
    if (*seen & bit || !read_value(equals + 1, modifier, modifiers)) {
        g_set_error(error, NET_ERROR, NET_ERROR_SPEC,
                    *seen & bit ? "block \"%s\" has +%s= twice; it is %s"
                                : "block \"%s\" needs a number after +%s=; it is %s",
                    word, modifier->name, modifier->help);
        return false;
    }
    *seen |= bit;
    return true;
}

static bool heads_fit(const struct net_modifiers *modifiers, int channels, const char *word, GError **error)
{
    if (modifiers->heads == 0 || channels % modifiers->heads == 0)
        return true;
    g_set_error(error, NET_ERROR, NET_ERROR_SPEC,
                "block \"%s\": its %d channels are not divisible by %d heads; set another number with +heads=", word,
                channels, modifiers->heads);
    return false;
}

bool net_modifiers_parse(const char *text, const struct net_block *block, int channels, const char *word,
                         struct net_modifiers *modifiers, GError **error)
{
    unsigned seen = 0;
    bool good = true;
    *modifiers = (struct net_modifiers){.heads = block->takes & NET_TAKES_HEADS ? HEADS : 0};
    if (block->takes & NET_TAKES_STEPS) {
        modifiers->steps = STEPS;
        modifiers->early = EARLY;
    }
    if (block->takes & NET_TAKES_STATE) {
        modifiers->state = STATE;
        modifiers->moves = MOVES;
    }
    if (block->takes & NET_TAKES_EXPERTS)
        modifiers->experts = EXPERTS;
    char **pieces = g_strsplit(text, "+", -1); /* the first is empty; without any text there is none */
    for (int i = 1; text[0] && good && pieces[i]; i++)
        good = modifier_parse(pieces[i], block, word, &seen, modifiers, error);
    g_strfreev(pieces);
    return good && heads_fit(modifiers, channels, word, error);
}
