/* Damages real records of Go at random and reads them, as a viewer would that people trust.
 *
 *   acceptance_sgf_mutations FOLDER [COUNT [SEED]]
 *
 * FOLDER is searched for *.sgf; each of the COUNT (5,000) records read is one of them with one or two faults: a byte cut or
 * flipped, a piece cut out or repeated, the tail cut off, a parenthesis, bracket or semicolon removed or added, another CA,
 * a byte order mark, a zero byte. In a process of its own it is parsed, its game determined, and every line replayed.
 * Fails if
 *   - a readable one is refused: one whose bytes still have a node with a move of the original,
 *   - nodes whose bytes lie before the fault are not what they are in the original: the same moves, set-up and parents,
 *   - what was written of it is read differently, or needs repair again,
 *   - reading crashes, or takes more than ten seconds.
 * Only a record that names a game or a board that Tengen does not have may be refused all the same; these are counted.
 * Exit status: 0, 1 at a failure, 2 usage, 3 no records. The last input that failed is left in the working folder. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "games/game.h"
#include "games/record/sgf.h"

enum { SECONDS = 10, MOST_LINES = 20, MAX_FAULTS = 2 };
enum verdict { FINE, REFUSED, UNSUPPORTED, DIFFERENT, UNSTABLE, CRASHED, VERDICTS };
static const char *const verdicts[] = {"read",
                                       "REFUSED",
                                       "of a game or board that Tengen does not have",
                                       "DIFFERENT before the fault",
                                       "UNSTABLE when written and read again",
                                       "CRASHED or too slow"};

struct record {
    char *path, *bytes;
    size_t length;
    GArray *nodes; /* offsets of the nodes' ';' in file order; NULL: not comparable */
};

/* ---- the originals ---- */

static void find_records(const char *folder, GPtrArray *paths)
{
    GDir *dir = g_dir_open(folder, 0, NULL);
    const char *name;
    while (dir && (name = g_dir_read_name(dir))) {
        char *path = g_build_filename(folder, name, NULL), *lower = g_ascii_strdown(name, -1);
        if (g_file_test(path, G_FILE_TEST_IS_DIR) && !g_file_test(path, G_FILE_TEST_IS_SYMLINK))
            find_records(path, paths);
        if (g_str_has_suffix(lower, ".sgf"))
            g_ptr_array_add(paths, g_strdup(path));
        g_free(path);
        g_free(lower);
    }
    if (dir)
        g_dir_close(dir);
}

static int compare_paths(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Where nodes begin: every ';' outside of values. Independent of the reader, and only right for sound records. */
static GArray *node_offsets(const char *bytes, size_t length)
{
    GArray *found = g_array_new(FALSE, FALSE, sizeof(size_t));
    bool value = false;
    for (size_t i = 0; i < length; i++) {
        if (value && bytes[i] == '\\')
            i++;
        else if (value)
            value = bytes[i] != ']';
        else if (bytes[i] == '[')
            value = true;
        else if (bytes[i] == ';')
            g_array_append_val(found, i);
    }
    return found;
}

static int count_nodes(const struct sgf *sgf)
{
    int count = 0;
    for (const struct sgf_node *root = sgf_root(sgf); root; root = root->next)
        for (const struct sgf_node *node = root; node; node = sgf_next(root, node))
            count++;
    return count;
}

static void free_record(gpointer data)
{
    struct record *record = data;
    if (record->nodes)
        g_array_unref(record->nodes);
    g_free(record->bytes);
    g_free(record->path);
    g_free(record);
}

/* NULL if the file is no record of Go that is read as it is. */
static struct record *load(const char *path)
{
    struct record *record = g_new0(struct record, 1);
    struct game game;
    int notes = 0;
    struct sgf *sgf = NULL;
    record->path = g_strdup(path);
    if (g_file_get_contents(path, &record->bytes, &record->length, NULL))
        sgf = sgf_parse(record->bytes, record->length, path, NULL);
    bool fine = sgf && sgf_read_game(sgf_root(sgf), NULL, &game, NULL) && strcmp(game.ops->name, "go") == 0;
    if (fine) {
        record->nodes = node_offsets(record->bytes, record->length);
        sgf_notes(sgf, &notes);
        if (notes || count_nodes(sgf) != (int)record->nodes->len)
            g_clear_pointer(&record->nodes, g_array_unref);
    }
    sgf_free(sgf);
    if (fine)
        return record;
    free_record(record);
    return NULL;
}

/* ---- faults ---- */

static size_t below(GRand *rand, size_t n)
{
    return n ? (size_t)(g_rand_double(rand) * (double)n) : 0;
}

/* The place of a random one of these characters, or of any if there are none. */
static size_t place_of(GRand *rand, const GString *text, const char *characters)
{
    size_t found = below(rand, text->len);
    int seen = 0;
    for (size_t i = 0; i < text->len; i++)
        if (text->str[i] && strchr(characters, text->str[i]) && below(rand, (size_t)++seen) == 0)
            found = i;
    return found;
}

static void change_charset(GRand *rand, GString *text)
{
    static const char *const names[] = {"GB2312",  "Shift_JIS", "UTF-8",  "EUC-KR", "ISO8859_1",
                                        "klingon", "",          "UTF-16", "Big5"};
    const char *name = names[below(rand, G_N_ELEMENTS(names))], *old = strstr(text->str, "CA["), *close;
    char *added = g_strdup_printf("CA[%s]", name);
    size_t at;
    if (old && (close = strchr(old, ']'))) {
        at = (size_t)(old - text->str);
        g_string_erase(text, (gssize)at, close + 1 - old);
    } else {
        const char *node = strchr(text->str, ';');
        at = node ? (size_t)(node + 1 - text->str) : 0;
    }
    g_string_insert(text, (gssize)at, added);
    g_free(added);
}

static bool is_plain(const GString *text)
{
    for (size_t i = 0; i < text->len; i++)
        if (text->str[i] & 0x80)
            return false;
    return true;
}

/* Changes the text and returns the first byte that is read otherwise; *what: the kind of the fault. */
static size_t damage(GRand *rand, GString *text, const char **what)
{
    static const char *const kinds[] = {"byte cut",   "byte flipped", "piece cut",      "piece repeated",
                                        "tail cut",   "syntax cut",   "syntax added",   "CA changed",
                                        "mark added", "zero added",   "value byte set", "bracket cut"};
    size_t kind = below(rand, G_N_ELEMENTS(kinds)), at = below(rand, text->len), length;
    *what = kinds[kind];
    switch (kind) {
    case 0:
        g_string_erase(text, (gssize)at, 1);
        return at;
    case 1:
        text->str[at] = (char)(text->str[at] ^ (1 << below(rand, 8)));
        return at;
    case 2:
        length = 1 + below(rand, 40);
        g_string_erase(text, (gssize)at, (gssize)MIN(length, text->len - at));
        return at;
    case 3:
        length = MIN(1 + below(rand, 40), text->len - at);
        {
            char *piece = g_strndup(text->str + at, length);
            g_string_insert_len(text, (gssize)at, piece, (gssize)length);
            g_free(piece);
        }
        return at;
    case 4:
        g_string_truncate(text, at);
        return at;
    case 5:
        at = place_of(rand, text, "();");
        g_string_erase(text, (gssize)at, 1);
        return at;
    case 6:
        at = place_of(rand, text, "();[]");
        g_string_insert_c(text, (gssize)at, "();[]"[below(rand, 5)]);
        return at;
    case 7:
        change_charset(rand, text);
        return is_plain(text) ? SIZE_MAX : 0; /* in ASCII, no name of a character set matters */
    case 8:
        length = is_plain(text);
        g_string_prepend(text, "\xef\xbb\xbf");
        return length ? SIZE_MAX : 0;
    case 9:
        at = below(rand, 2) ? at : text->len;
        g_string_insert_c(text, (gssize)at, '\0');
        return at == text->len - 1 && is_plain(text) ? SIZE_MAX : at;
    case 10:
        at = MIN(place_of(rand, text, "[") + 1, text->len - 1);
        text->str[at] = (char)(1 + below(rand, 255));
        return at;
    default:
        at = place_of(rand, text, "[]");
        g_string_erase(text, (gssize)at, 1);
        return at;
    }
}

/* ---- what must hold ---- */

/* Whether a node with a move begins in the bytes: ';', then B or W with a point. */
static bool has_move(const GString *text)
{
    for (size_t i = 0; i + 6 < text->len; i++) {
        const char *at = text->str + i;
        if (at[0] == ';' && (at[1] == 'B' || at[1] == 'W') && at[2] == '[' && g_ascii_islower(at[3]) &&
            g_ascii_islower(at[4]) && at[5] == ']')
            return true;
    }
    return false;
}

static bool same_values(const struct sgf_node *a, const struct sgf_node *b, const char *name)
{
    const struct sgf_property *first = sgf_find(a, name), *second = sgf_find(b, name);
    if (!first || !second || first->count != second->count)
        return !first && !second;
    for (int i = 0; i < first->count; i++)
        if (strcmp(first->values[i], second->values[i]) != 0)
            return false;
    return true;
}

/* The nodes of all trees in file order, freed by the caller. */
static GPtrArray *list_nodes(const struct sgf *sgf)
{
    GPtrArray *nodes = g_ptr_array_new();
    for (struct sgf_node *root = sgf_root(sgf); root; root = root->next)
        for (struct sgf_node *node = root; node; node = sgf_next(root, node))
            g_ptr_array_add(nodes, node);
    return nodes;
}

/* Whether the first `count` nodes have the same moves, set-up and parents. */
static bool same_beginning(const struct sgf *original, const struct sgf *sgf, guint count)
{
    static const char *const names[] = {"B", "W", "AB", "AW", "AE"};
    GPtrArray *wanted = list_nodes(original), *found = list_nodes(sgf);
    bool same = found->len >= count;
    for (guint i = 0; same && i < count; i++) {
        struct sgf_node *a = wanted->pdata[i], *b = found->pdata[i];
        guint parents[2] = {0};
        bool inner[2] = {a->parent != original->top && g_ptr_array_find(wanted, a->parent, &parents[0]),
                         b->parent != sgf->top && g_ptr_array_find(found, b->parent, &parents[1])};
        same = inner[0] == inner[1] && parents[0] == parents[1];
        for (size_t n = 0; same && n < G_N_ELEMENTS(names); n++)
            same = same_values(a, b, names[n]);
    }
    g_ptr_array_unref(wanted);
    g_ptr_array_unref(found);
    return same;
}

/* Whether what is written of it reads the same, without repair. */
static bool is_stable(const struct sgf *sgf)
{
    size_t length, again_length;
    int notes;
    char *text = sgf_format(sgf, &length);
    struct sgf *again = sgf_parse(text, length, "again", NULL);
    bool same = again != NULL;
    if (again) {
        char *twice = sgf_format(again, &again_length);
        sgf_notes(again, &notes);
        same = notes == 0 && length == again_length && memcmp(text, twice, length) == 0;
        g_free(twice);
    }
    sgf_free(again);
    g_free(text);
    return same;
}

static bool replays(const struct sgf *sgf, const struct game *game)
{
    union any_position at;
    GPtrArray *nodes = list_nodes(sgf);
    int lines = 0;
    bool fine = true;
    for (guint i = 0; fine && i < nodes->len && lines < MOST_LINES; i++) {
        const struct sgf_node *node = nodes->pdata[i];
        if (node->first_child)
            continue;
        lines++;
        fine = sgf_replay(node, game, &at.p, NULL, NULL) && !game->ops->check(game, &at.p);
    }
    g_ptr_array_unref(nodes);
    return fine;
}

/* In a process of its own. */
static enum verdict examine(const struct record *record, const GString *text, size_t changed)
{
    GError *error = NULL;
    struct game game;
    struct sgf *sgf = sgf_parse(text->str, text->len, "record", &error);
    if (!sgf)
        return has_move(text) ? REFUSED : FINE;
    if (!sgf_read_game(sgf_root(sgf), NULL, &game, &error))
        return strstr(error->message, "GM[") || strstr(error->message, "SZ[") ? UNSUPPORTED : REFUSED;
    if (!replays(sgf, &game))
        return REFUSED;
    if (record->nodes) {
        struct sgf *original = sgf_parse(record->bytes, record->length, "original", NULL);
        guint before =
            changed == SIZE_MAX ? record->nodes->len : 0; /* nodes before the change: the next one begins there */
        while (before + 1 < record->nodes->len && g_array_index(record->nodes, size_t, before + 1) < changed)
            before++;
        if (!same_beginning(original, sgf, before))
            return DIFFERENT;
        sgf_free(original);
    }
    bool stable = is_stable(sgf);
    sgf_free(sgf);
    g_clear_error(&error);
    return stable ? FINE : UNSTABLE;
}

static enum verdict examine_apart(const struct record *record, const GString *text, size_t changed)
{
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        alarm(SECONDS);
        _exit(examine(record, text, changed));
    }
    int status;
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    return child > 0 && WIFEXITED(status) && WEXITSTATUS(status) < CRASHED ? (enum verdict)WEXITSTATUS(status)
                                                                           : CRASHED;
}

int main(int argc, char **argv)
{
    long count = argc > 2 ? strtol(argv[2], NULL, 10) : 5000, seed = argc > 3 ? strtol(argv[3], NULL, 10) : 1;
    int tally[VERDICTS] = {0}, compared = 0;
    if (argc < 2 || argc > 4 || count < 1) {
        fprintf(stderr, "usage: acceptance_sgf_mutations FOLDER [COUNT [SEED]]\n");
        return 2;
    }
    GPtrArray *paths = g_ptr_array_new_with_free_func(g_free), *records = g_ptr_array_new_with_free_func(free_record);
    find_records(argv[1], paths);
    g_ptr_array_sort(paths, compare_paths);
    for (guint i = 0; i < paths->len; i++) {
        struct record *record = load(paths->pdata[i]);
        if (record)
            g_ptr_array_add(records, record);
        else
            printf("not taken: %s\n", (const char *)paths->pdata[i]);
    }
    if (!records->len) {
        fprintf(stderr, "acceptance_sgf_mutations: no records of Go in %s\n", argv[1]);
        return 3;
    }
    GRand *rand = g_rand_new_with_seed((guint32)seed);
    for (long i = 0; i < count; i++) {
        const struct record *record = records->pdata[below(rand, records->len)];
        GString *text = g_string_new_len(record->bytes, (gssize)record->length);
        const char *what[MAX_FAULTS] = {"", ""};
        size_t changed = SIZE_MAX;
        for (size_t fault = 0, faults = 1 + below(rand, MAX_FAULTS); fault < faults && text->len > 1; fault++) {
            size_t shift = text->len > record->length ? text->len - record->length : 0; /* what stood before is later */
            size_t at = damage(rand, text, &what[fault]);
            changed = MIN(changed, at == SIZE_MAX ? at : at - MIN(at, shift));
        }
        enum verdict verdict = examine_apart(record, text, changed);
        tally[verdict]++;
        compared += record->nodes != NULL;
        if (verdict != FINE && verdict != UNSUPPORTED) {
            char *name = g_strdup_printf("mutation-%ld-%ld.sgf", seed, i);
            printf("%s: %s of %s (%s, %s; byte %zu)\n", verdicts[verdict], name, record->path, what[0], what[1],
                   changed);
            g_file_set_contents(name, text->str, (gssize)text->len, NULL);
            g_free(name);
        }
        g_string_free(text, TRUE);
    }
    int failures = tally[REFUSED] + tally[DIFFERENT] + tally[UNSTABLE] + tally[CRASHED];
    for (int i = 0; i < VERDICTS; i++)
        printf("%6d %s\n", tally[i], verdicts[i]);
    printf("%ld damaged records of %u, %d of them compared before the fault: %d failures (target: 0)\n", count,
           records->len, compared, failures);
    g_rand_free(rand);
    g_ptr_array_unref(records);
    g_ptr_array_unref(paths);
    return failures ? 1 : 0;
}
