/* INFO: settings from the manager. By the protocol it is never answered, not even with an error. */
#include <stddef.h>

#include "engine/protocols/gomocup/session.h"

enum kind {
    KIND_PLAIN,
    KIND_TIME,   /* 2147483647: no limit; negative: 0 */
    KIND_MEMORY, /* a lower limit reopens the agent; a higher one is ignored */
    KIND_AGENT,  /* the game or the agent has to be recreated */
};
struct info {
    const char *key;
    size_t offset;
    enum kind kind;
};
#define MEMBER(name) offsetof(struct gomocup, name)

static const struct info infos[] = {
    {"timeout_turn", MEMBER(turn_ms), KIND_TIME},      {"timeout_match", MEMBER(match_ms), KIND_TIME},
    {"time_left", MEMBER(left_ms), KIND_TIME},         {"time_increment", MEMBER(increment_ms), KIND_TIME}, /* Yixin */
    {"max_memory", MEMBER(memory_bytes), KIND_MEMORY}, {"rule", MEMBER(rule), KIND_AGENT},
    {"thread_num", MEMBER(thread_count), KIND_AGENT}, /* from here on: Yixin */
    {"max_node", MEMBER(nodes), KIND_PLAIN},           {"pondering", MEMBER(ponder), KIND_PLAIN},
    {"show_detail", MEMBER(detail), KIND_PLAIN},
    /* all others are ignored, such as game_type, evaluate, folder, max_depth, hash_size */
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
        if (known->kind == KIND_TIME)
            number = number >= G_MAXINT32 ? GOMOCUP_UNLIMITED : MAX(number, 0);
        if (known->kind == KIND_MEMORY && (number <= 0 || number >= *member))
            return;
        g->stale |= known->kind >= KIND_MEMORY && *member != number;
        *member = number;
    }
    /* Reopens the agent now rather than at the next move, because loading a network takes time that the manager does
     * not count yet. Errors are reported when the agent is next needed, because INFO has no answer. */
    if (g->stale && g->started)
        gomocup_prepare(g);
}

const struct gomocup_command gomocup_info_commands[] = {
    {"INFO", false, info},
    {NULL, false, NULL},
};
