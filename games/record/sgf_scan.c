/* What begins at a place of an SGF text: questions that its reader asks to tell SGF from what damage has left. */
#include "games/record/sgf.h"
#include "games/record/sgf_internal.h"

const char *sgf_after_space(const char *at, const char *end)
{
    while (at < end && g_ascii_isspace(*at))
        at++;
    return at;
}

bool sgf_is_property(const char *at, const char *end)
{
    const char *start = at;
    bool capital = false;
    for (; at < end && g_ascii_isalnum(*at) && at - start < SGF_MAX_NAME; at++)
        capital = capital || g_ascii_isupper(*at);
    if (at == start || !g_ascii_isalpha(*start) || !capital)
        return false;
    at = sgf_after_space(at, end);
    return at < end && *at == '[';
}

bool sgf_is_node(const char *at, const char *end)
{
    return at < end && *at == ';' && sgf_is_property(sgf_after_space(at + 1, end), end);
}

bool sgf_is_one_of(const char *at, const char *end, const char *const *names)
{
    size_t length = 0;
    while (at + length < end && g_ascii_isupper(at[length]))
        length++;
    for (; *names; names++)
        if (strlen(*names) == length && memcmp(at, *names, length) == 0)
            return sgf_is_property(at, end);
    return false;
}

bool sgf_is_first_node(const char *at, const char *end)
{
    static const char *const names[] = {"FF", "GM", "SZ", "CA", "AP", "PB", "PW",
                                        "KM", "RU", "AB", "AW", "B",  "W",  NULL};
    return sgf_is_one_of(*at == ';' ? sgf_after_space(at + 1, end) : at, end, names);
}

bool sgf_resumes(const char *at, const char *end)
{
    if (!strchr(";()", *at))
        return sgf_is_property(at, end);
    const char *next = sgf_after_space(at + 1, end);
    return next >= end || strchr(";()", *next) || (*at != ')' && sgf_is_property(next, end));
}

/* Where a value without text ends before its `close`: at a parenthesis (in moves), a node or a property. */
static const char *end_of_bare(const char *start, const char *close, const char *end, bool move)
{
    for (const char *at = start; at < close; at++) {
        const char *name = at;
        if (!*at || !strchr(move ? ";[()" : ";[", *at))
            continue;
        if (*at != '[')
            return sgf_resumes(at, end) ? at : NULL;
        while (name > start && at - name < 2 && g_ascii_isupper(name[-1]))
            name--;
        return name > start && name < at ? name : NULL;
    }
    return NULL;
}

/* Where a text ends that swallowed the move before `close`. */
static const char *end_of_text(const char *start, const char *close)
{
    const char *at = close;
    while (at > start && close - at < 2 && g_ascii_isalnum(at[-1]))
        at--;
    if (at - start < 3 || at[-1] != '[' || (at[-2] != 'B' && at[-2] != 'W'))
        return NULL;
    for (at -= 2; at > start && g_ascii_isspace(at[-1]);)
        at--;
    if (at == start || *--at != ';')
        return NULL;
    const char *node = at;
    while (at > start && g_ascii_isspace(at[-1]))
        at--;
    return at > start && at[-1] == '(' ? at - 1 : node;
}

const char *sgf_missing_close(const char *name, const char *start, const char *close, const char *end)
{
    static const char *const bare[] = {"B",  "W",  "AB", "AW", "AE", "PL", "SZ", "GM", "FF", "HA", "KM",
                                       "CA", "BL", "WL", "OB", "OW", "TM", "TR", "SQ", "MA", "CR", "TB"};
    for (size_t i = 0; i < G_N_ELEMENTS(bare); i++)
        if (strcmp(name, bare[i]) == 0)
            return end_of_bare(start, close, end, i < 2);
    return end_of_text(start, close);
}

size_t sgf_sound_length(const char *start, const char *end)
{
    const char *at = end;
    while (at > start && at[-1] == '\\')
        at--;
    return (size_t)(end - start) - (size_t)((end - at) % 2);
}
