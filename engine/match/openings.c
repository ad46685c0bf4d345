/* Openings: random ones, and balanced ones selected by a net. */
#include "engine/match/openings.h"

#include <math.h>
#include <stdlib.h>

#include "agents/net_path.h"
#include "engine/match/game.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "net/net.h"

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

int match_default_opening_plies(const struct game *game)
{
    int side = MIN(game->width, game->height);
    return side >= 7 ? 4 : side >= 5 ? 2 : 0;
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

void match_shuffle_openings(struct match_opening *openings, int count, uint64_t seed)
{
    struct rng rng;
    rng_seed(&rng, rng_mix(seed ^ 0x73687566666c65u));
    for (int i = count - 1; i > 0; i--) {
        int other = (int)rng_below(&rng, (uint32_t)i + 1);
        struct match_opening opening = openings[i];
        openings[i] = openings[other];
        openings[other] = opening;
    }
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

static bool find_even(const struct game *game, const char *net_path, int plies, double value, uint64_t seed,
                      struct match_opening *openings, int count, GError **error)
{
    struct evaluator *evaluator = NULL;
    struct evaluator_config config = {
        .kind = EVALUATOR_NET, .backend = NET_BACKEND_FAST, .dtype = NET_F32, .symmetry = EVALUATOR_SYMMETRY_ALL};
    const bool ok = net_path_load(&config.net, net_path, game, error) == 0 &&
                    evaluator_create(&evaluator, game, &config, error) == 0;
    if (ok)
        search_even(game, evaluator, MIN(plies, MATCH_MAX_OPENING), value, seed, openings, count);
    evaluator_free(evaluator);
    net_unref(config.net);
    return ok;
}

bool match_find_even_openings(const struct game *game, const char *net, int plies, double value, uint64_t seed,
                              struct match_opening *openings, int count, GError **error)
{
    char *path = net_path_find(net, game->ops->name, error);
    const bool ok = path && find_even(game, path, plies, value, seed, openings, count, error);
    g_free(path);
    return ok;
}

bool match_even_openings(const struct game *game, const char *net, int plies, double value, uint64_t seed,
                         struct match_opening *openings, int count, GError **error)
{
    char *path = net_path_find(net, game->ops->name, error);
    char *cache = path ? cache_path(game, path, plies, value, seed, count, error) : NULL;
    bool ok = cache != NULL;
    if (ok && !read_cache(game, cache, openings, count)) {
        ok = find_even(game, path, plies, value, seed, openings, count, error);
        if (ok)
            write_cache(game, cache, openings, count);
    }
    g_free(path);
    g_free(cache);
    return ok;
}
