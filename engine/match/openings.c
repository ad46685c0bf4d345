/* Openings: random, from files, and balanced ones selected by a net. */
#include "engine/match/openings.h"

#include <math.h>
#include <stdlib.h>

#include "agents/net_path.h"
#include "games/record/sgf.h"
#include "mcts/evaluator.h"

/* ---- random ---- */

/* Whether the game is over or the player to move can end it at once. */
static bool decided(const struct game *game, const struct position *position, struct history *history)
{
    game_move moves[GAME_MAX_MOVES];
    int count = game->ops->legal_moves(game, position, history, moves);
    bool found = count == 0;
    for (int i = 0; i < count && !found; i++) {
        union any_position next;
        if (moves[i] >= game->points)
            continue;
        game_copy(game, &next.p, position);
        int before = history->count;
        game_play(game, &next.p, history, moves[i]);
        history_truncate(history, before);
        found = game_over(&next.p);
    }
    return found;
}

static bool random_opening(const struct game *game, int plies, struct rng *rng, struct match_opening *opening)
{
    union any_position at;
    struct history history;
    game_init(game, &at.p);
    history_init(&history, plies);
    opening->count = 0;
    while (opening->count < plies && !game_over(&at.p)) {
        game_move moves[GAME_MAX_MOVES];
        int count = game->ops->legal_moves(game, &at.p, &history, moves), points = 0;
        while (points < count && moves[points] < game->points)
            points++;
        if (points == 0) /* an opening rule requires a decision, which is left to the players */
            break;
        game_move move = moves[rng_below(rng, (uint32_t)points)];
        game_play(game, &at.p, &history, move);
        opening->moves[opening->count++] = move;
    }
    bool ok = !decided(game, &at.p, &history);
    history_clear(&history);
    return ok;
}

void match_random_openings(const struct game *game, int plies, uint64_t seed, struct match_opening *openings, int count)
{
    enum { TRIES = 200 };
    GHashTable *seen = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    struct rng rng;
    rng_seed(&rng, rng_mix(seed ^ 0x6f70656eu)); /* a stream independent of the games' */
    for (int i = 0; i < count; i++) {
        bool fresh = false;
        openings[i].count = 0; /* stays empty if no undecided opening of this length is found */
        for (int t = 0; t < TRIES && !fresh; t++) {
            struct match_opening tried;
            if (!random_opening(game, MIN(plies, MATCH_MAX_OPENING), &rng, &tried))
                continue;
            openings[i] = tried;
            struct match_game as_game = {.plies = tried.count, .moves = tried.moves};
            uint64_t hash = match_game_hash(game, &as_game);
            fresh = g_hash_table_add(seen, g_memdup2(&hash, sizeof hash));
        }
    }
    g_hash_table_destroy(seen);
}

uint64_t match_openings_hash(const struct game *game, const struct match_opening *openings, int count)
{
    uint64_t hash = (uint64_t)count;
    for (int i = 0; i < count; i++) {
        struct match_game as_game = {.plies = openings[i].count, .moves = (game_move *)openings[i].moves};
        hash = rng_mix(hash ^ match_game_hash(game, &as_game));
    }
    return hash;
}

/* ---- from a file ---- */

/* Reads the moves of one line into `opening`; false at an illegal move, which *word then points to. */
static bool read_line(const struct game *game, char **words, struct match_opening *opening, const char **word)
{
    union any_position at;
    struct history history;
    bool ok = true;
    game_init(game, &at.p);
    history_init(&history, MATCH_MAX_OPENING);
    opening->count = 0;
    for (int w = 0; ok && words[w]; w++) {
        if (!*words[w])
            continue;
        game_move move = game_move_parse(game, words[w]);
        ok = opening->count < MATCH_MAX_OPENING && move != GAME_NO_MOVE && game_try(game, &at.p, &history, move);
        if (ok)
            opening->moves[opening->count++] = move;
        *word = words[w];
    }
    history_clear(&history);
    return ok;
}

static bool read_text(const struct game *game, const char *path, GArray *all, GError **error)
{
    char *text, spec[GAME_SPEC_MAX];
    if (!g_file_get_contents(path, &text, NULL, error))
        return false;
    char **lines = g_strsplit(text, "\n", 0);
    bool ok = true;
    for (int l = 0; ok && lines[l]; l++) {
        const char *word = "";
        struct match_opening opening;
        lines[l][strcspn(lines[l], "#\r")] = '\0';
        char **words = g_strsplit_set(lines[l], " \t,", 0);
        ok = read_line(game, words, &opening, &word);
        if (!ok)
            g_set_error(error, AGENT_ERROR, AGENT_ERROR_SPEC,
                        "%s, line %d: \"%.20s\" is not legal here in %s; a line lists moves such as D4 E5 (at most %d)",
                        path, l + 1, word, game_format(game, spec), MATCH_MAX_OPENING);
        g_strfreev(words);
        if (ok && opening.count)
            g_array_append_val(all, opening);
    }
    g_strfreev(lines);
    g_free(text);
    return ok;
}

/* Reads the first `plies` moves on the path from the root to a leaf. */
static bool read_branch(const struct game *game, const char *path, struct sgf_node *leaf, int plies, GArray *all,
                        GError **error)
{
    struct match_opening opening = {.count = 0};
    struct history history;
    union any_position at;
    GPtrArray *nodes = g_ptr_array_new();
    bool ok = true;
    char text[GAME_MOVE_TEXT_MAX];
    for (struct sgf_node *node = leaf; node->parent; node = node->parent)
        g_ptr_array_insert(nodes, 0, node);
    game_init(game, &at.p);
    history_init(&history, MATCH_MAX_OPENING);
    for (guint i = 0; ok && i < nodes->len && opening.count < plies; i++) {
        const struct sgf_node *node = nodes->pdata[i];
        bool white = sgf_find(node, "W") != NULL;
        if (sgf_step(node) == SGF_NOTHING ||
            (node == nodes->pdata[0] && sgf_step(node) == SGF_SETUP && at.p.colour == GAME_WHITE))
            continue; /* handicap stones belong to the game */
        const char *raw = sgf_get(node, white ? "W" : "B");
        game_move move = raw ? sgf_parse_point(game, raw) : GAME_NO_MOVE;
        ok = sgf_step(node) == SGF_MOVE && move != GAME_NO_MOVE && white == (at.p.colour == GAME_WHITE) &&
             opening.count < MATCH_MAX_OPENING && game_try(game, &at.p, &history, move);
        if (ok)
            opening.moves[opening.count++] = move;
        else if (sgf_step(node) != SGF_MOVE)
            g_set_error(error, AGENT_ERROR, AGENT_ERROR_SPEC,
                        "%s, line %d, column %d: openings must consist of moves, without set-up stones", path,
                        node->line, node->column);
        else
            g_set_error(
                error, AGENT_ERROR, AGENT_ERROR_SPEC,
                "%s, line %d, column %d: %s %s is illegal, or move %d of an opening (at most %d; --opening-plies "
                "truncates longer games)",
                path, node->line, node->column, white ? "white" : "black",
                move == GAME_NO_MOVE ? "?" : game_move_format(game, move, text), opening.count + 1, MATCH_MAX_OPENING);
    }
    history_clear(&history);
    g_ptr_array_unref(nodes);
    if (ok && opening.count)
        g_array_append_val(all, opening);
    return ok;
}

/* Every branch of every game in the file is an opening. */
static bool read_sgf(const struct game *game, const char *path, int plies, GArray *all, GError **error)
{
    struct sgf *sgf = sgf_load(path, error);
    bool ok = sgf != NULL;
    for (struct sgf_node *root = ok ? sgf_root(sgf) : NULL; ok && root; root = root->next) {
        struct game of;
        char here[GAME_SPEC_MAX], there[GAME_SPEC_MAX];
        ok = sgf_read_game(root, game, &of, error);
        if (ok && (of.ops != game->ops || of.width != game->width || of.height != game->height)) {
            g_set_error(error, AGENT_ERROR, AGENT_ERROR_SPEC,
                        "%s, line %d: openings for %s, but the match plays %s; give openings for that board", path,
                        root->line, game_format(&of, there), game_format(game, here));
            ok = false;
        }
        for (struct sgf_node *node = root; ok && node; node = sgf_next(root, node))
            if (!node->first_child)
                ok = read_branch(game, path, node, plies, all, error);
    }
    sgf_free(sgf);
    return ok;
}

bool match_read_openings(const struct game *game, const char *path, int plies, struct match_opening **openings,
                         int *count, GError **error)
{
    GArray *all = g_array_new(FALSE, FALSE, sizeof(struct match_opening));
    char *lower = g_ascii_strdown(path, -1);
    bool ok = g_str_has_suffix(lower, ".sgf")
                  ? read_sgf(game, path, plies < 0 ? MATCH_MAX_OPENING + 1 : plies, all, error)
                  : read_text(game, path, all, error);
    g_free(lower);
    if (ok && all->len == 0) {
        g_set_error(error, AGENT_ERROR, AGENT_ERROR_SPEC,
                    "--openings: %s has no openings; a line lists moves such as D4 E5", path);
        ok = false;
    }
    *count = ok ? (int)all->len : 0;
    *openings = (struct match_opening *)(void *)g_array_free(all, !ok);
    return ok;
}

/* ---- balanced ---- */

struct candidate {
    double imbalance; /* 0..1; all that are balanced enough have the same */
    int number;       /* in order of discovery */
    struct match_opening opening;
};

static int compare_candidates(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    return x->imbalance != y->imbalance ? (x->imbalance > y->imbalance ? 1 : -1) : x->number - y->number;
}

/* The absolute value that the net assigns to the position after an opening. */
static double opening_imbalance(const struct game *game, struct evaluator *evaluator,
                                const struct match_opening *opening)
{
    union any_position at;
    struct history history;
    struct eval eval;
    game_init(game, &at.p);
    history_init(&history, MATCH_MAX_OPENING);
    for (int i = 0; i < opening->count; i++)
        game_play(game, &at.p, &history, opening->moves[i]);
    const struct eval_query query = {.position = &at.p, .history = &history, .want = EVAL_VALUE};
    evaluator_evaluate(evaluator, 1, &query, &eval);
    history_clear(&history);
    return fabs((double)eval_value(&eval));
}

/* Samples openings, no two of them symmetric, until `count` are balanced enough or a limit is reached; then takes the
 * most balanced ones. */
static void search_even(const struct game *game, struct evaluator *evaluator, int plies, double value, uint64_t seed,
                        struct match_opening *openings, int count)
{
    enum { TRIES = 40 };
    GHashTable *seen = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    GArray *all = g_array_new(FALSE, FALSE, sizeof(struct candidate));
    struct rng rng;
    int even = 0;
    rng_seed(&rng, rng_mix(seed ^ 0x6576656eu));
    for (int try = 0; try < TRIES * count + 500 && even < count; try++) {
        struct candidate c;
        if (!random_opening(game, plies, &rng, &c.opening))
            continue;
        struct match_game as_game = {.plies = c.opening.count, .moves = c.opening.moves};
        uint64_t hash = match_game_hash_symmetric(game, &as_game);
        if (!g_hash_table_add(seen, g_memdup2(&hash, sizeof hash)))
            continue;
        c.imbalance = opening_imbalance(game, evaluator, &c.opening);
        even += c.imbalance <= value;
        c.imbalance = MAX(c.imbalance, value);
        c.number = (int)all->len;
        g_array_append_val(all, c);
    }
    qsort(all->data, all->len, sizeof(struct candidate), compare_candidates);
    for (int i = 0; i < count; i++)
        openings[i] =
            all->len ? g_array_index(all, struct candidate, i % all->len).opening : (struct match_opening){.count = 0};
    g_array_free(all, TRUE);
    g_hash_table_destroy(seen);
}

char *match_net_sum(const char *net_path, GError **error)
{
    char *bytes;
    gsize length;
    if (!g_file_get_contents(net_path, &bytes, &length, error))
        return NULL;
    char *sum = g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)bytes, length);
    g_free(bytes);
    return sum;
}

static char *cache_path(const struct game *game, const char *net_path, int plies, double value, uint64_t seed,
                        int count, GError **error)
{
    char spec[GAME_SPEC_MAX], *sum = match_net_sum(net_path, error);
    if (!sum)
        return NULL;
    char *key = g_strdup_printf("%s %s %d %.4f %" G_GUINT64_FORMAT " %d", game_format(game, spec), sum, plies, value,
                                seed, count);
    char *name = g_compute_checksum_for_string(G_CHECKSUM_SHA256, key, -1);
    char *file = g_strdup_printf("openings-%.32s.txt", name);
    char *path = g_build_filename(g_get_user_cache_dir(), "tengen", file, NULL);
    g_free(sum);
    g_free(key);
    g_free(name);
    g_free(file);
    return path;
}

/* Errors are ignored: a missing cache only costs time at the next match. */
static void write_cache(const struct game *game, const char *path, const struct match_opening *openings, int count)
{
    GString *text = g_string_new("# Openings selected by tengen match; this file may be deleted.\n");
    char *folder = g_path_get_dirname(path), move[GAME_MOVE_TEXT_MAX];
    for (int i = 0; i < count; i++)
        for (int m = 0; m < openings[i].count; m++)
            g_string_append_printf(text, "%s%c", game_move_format(game, openings[i].moves[m], move),
                                   m + 1 < openings[i].count ? ' ' : '\n');
    if (g_mkdir_with_parents(folder, 0777) == 0)
        g_file_set_contents(path, text->str, (gssize)text->len, NULL);
    g_free(folder);
    g_string_free(text, TRUE);
}

static bool read_cache(const struct game *game, const char *path, struct match_opening *openings, int count)
{
    struct match_opening *read;
    int found;
    bool ok = g_file_test(path, G_FILE_TEST_EXISTS) && match_read_openings(game, path, -1, &read, &found, NULL);
    if (!ok)
        return false;
    ok = found == count;
    if (ok)
        memcpy(openings, read, sizeof *read * (size_t)count);
    g_free(read);
    return ok;
}

bool match_even_openings(const struct game *game, const char *net_name, int plies, double value, uint64_t seed,
                         struct match_opening *openings, int count, GError **error)
{
    struct evaluator *evaluator = NULL;
    char *path = net_path_find(net_name, game->ops->name, error);
    char *cache = path ? cache_path(game, path, plies, value, seed, count, error) : NULL;
    bool ok = cache != NULL;
    struct evaluator_config config = {
        .kind = EVALUATOR_NET, .backend = NET_BACKEND_FAST, .dtype = NET_F32, .symmetry = EVALUATOR_SYMMETRY_ALL};
    if (ok && !read_cache(game, cache, openings, count)) {
        ok = net_path_load(&config.net, path, game, error) == 0 &&
             evaluator_create(&evaluator, game, &config, error) == 0;
        if (ok) {
            search_even(game, evaluator, MIN(plies, MATCH_MAX_OPENING), value, seed, openings, count);
            write_cache(game, cache, openings, count);
        }
    }
    evaluator_free(evaluator);
    net_unref(config.net);
    g_free(path);
    g_free(cache);
    return ok;
}
