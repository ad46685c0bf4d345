/* INFO: what a manager sets. It is never answered, whatever it says. */
#include <stddef.h>

#include "engine/gomocup_session.h"

/* Reads a number into *value and says whether the agent must be made anew for it. */
struct info {
    const char *key;
    size_t offset;
    bool time;  /* 2147483647 means no limit; less than 0 is 0 */
    bool stale; /* the game or the agent depends on it */
};
#define MEMBER(name) offsetof(struct gomocup, name)

static const struct info infos[] = {
    {"timeout_turn", MEMBER(turn_ms), true, false},
    {"timeout_match", MEMBER(match_ms), true, false},
    {"time_left", MEMBER(left_ms), true, false},
    {"max_memory", MEMBER(memory_bytes), false, true},
    {"rule", MEMBER(rule), false, true},
    {"thread_num", MEMBER(thread_count), false, true}, /* Yixin's from here on */
    {"max_node", MEMBER(nodes), false, false},
    {"pondering", MEMBER(ponder), false, false},
    {"show_detail", MEMBER(detail), false, false},
    /* game_type, evaluate, folder, max_depth, hash_size and whatever else there is change nothing here */
};

static void info(struct gomocup *g, const char *rest)
{
    size_t length = strcspn(rest, " ");
    const char *text = rest + length + strspn(rest + length, " ");
    char *end;
    gint64 number = g_ascii_strtoll(text, &end, 10);
    if (end == text || *end)
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(infos); i++) {
        const struct info *known = &infos[i];
        if (strlen(known->key) != length || g_ascii_strncasecmp(known->key, rest, length) != 0)
            continue;
        int64_t *member = (int64_t *)(void *)((char *)g + known->offset);
        if (known->time)
            number = number >= G_MAXINT32 ? GOMOCUP_UNLIMITED : MAX(number, 0);
        g->stale |= known->stale && *member != number;
        *member = number;
    }
}

const struct gomocup_command gomocup_info_commands[] = {
    {"INFO", false, info},
    {NULL, false, NULL},
};
