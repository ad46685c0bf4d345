/* SGF into a run, and out of it. */
#include <criterion/criterion.h>
#include <string.h>
#include <zstd.h>

#include "engine/exchange/collection.h"
#include "engine/exchange/games.h"
#include "engine/store/record.h"
#include "engine/store/store.h"
#include "engine/training/replay/relabel.h"
#include "engine/training/replay/samples.h"
#include "games/game.h"
#include "games/record/sgf.h"
#include "net/net.h"
#include "net/targets.h"
#include "net/train.h"
#include "tests/engine/exchange/folder.h"

TestSuite(collection, .init = folder_make, .fini = folder_remove);

static struct game game_of(const char *spec)
{
    struct game game;
    cr_assert(game_parse(&game, spec, NULL));
    return game;
}

static enum collection_skip read_text(const char *text, const char *spec, struct record **record)
{
    const struct game game = game_of(spec);
    struct sgf *sgf = sgf_parse(text, strlen(text), "text", NULL);
    char *why;
    enum collection_skip skip = collection_read(sgf_root(sgf), &game, 1, 3, record, &why);
    cr_assert((*record != NULL) == (skip == COLLECTION_TAKEN));
    g_free(why);
    sgf_free(sgf);
    return skip;
}

static struct record *taken(const char *text, const char *spec)
{
    struct record *record;
    cr_assert_eq(read_text(text, spec, &record), COLLECTION_TAKEN, "%s", text);
    return record;
}

/* On 3x3, komi 0: Black takes the centre and White passes; by area Black has all nine points. */
static const char *const end = ";B[bb];W[];B[]";

static struct record *with_result(const char *result)
{
    char *text = g_strdup_printf("(;GM[1]SZ[3]KM[0]RU[Tromp-Taylor]%s%s)", result, end);
    struct record *record = taken(text, "go:3");
    g_free(text);
    return record;
}

Test(collection, results)
{
    static const struct {
        const char *text;
        enum record_source source;
        enum game_outcome outcome;
        float margin;
    } cases[] = {
        {"", RECORD_BY_RULES, GAME_WON_0, 9},
        {"RE[B+9]", RECORD_BY_RULES, GAME_WON_0, 9},
        {"RE[B+]", RECORD_BY_RULES, GAME_WON_0, 9},
        {"RE[?]", RECORD_BY_RULES, GAME_WON_0, 9},
        {"RE[B+2.5]", RECORD_MARGIN_STATED, GAME_WON_0, 2.5f},
        {"RE[W+2.5]", RECORD_MARGIN_STATED, GAME_WON_1, -2.5f},
        {"RE[0]", RECORD_MARGIN_STATED, GAME_DRAWN, 0},
        {"RE[w+Resign]", RECORD_OUTCOME_STATED, GAME_WON_1, 0},
        {"RE[W+T]", RECORD_OUTCOME_STATED, GAME_WON_1, 0},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct record *record = with_result(cases[i].text), *again;
        GError *error = NULL;
        cr_assert_eq(record->source, cases[i].source, "%s", cases[i].text);
        cr_assert_eq(record->result.outcome, cases[i].outcome, "%s", cases[i].text);
        cr_assert_eq(record->result.margin, cases[i].margin, "%s", cases[i].text);
        cr_assert_eq(record->map[0], cases[i].source == RECORD_BY_RULES);
        cr_assert_eq(record->number, 3);
        /* As stored. */
        GBytes *blob = record_pack(record);
        gsize size;
        const void *data = g_bytes_get_data(blob, &size);
        cr_assert_eq(record_unpack(&again, NULL, data, size, &error), 0, "%s", error ? error->message : "");
        cr_assert_eq(again->source, cases[i].source);
        cr_assert_eq(again->result.outcome, cases[i].outcome);
        cr_assert_eq(again->result.margin, cases[i].margin);
        cr_assert(memcmp(again->map, record->map, record->game.points) == 0);
        cr_assert_eq(relabel_applies(again, again->ply_count - 1), cases[i].source != RECORD_OUTCOME_STATED);
        g_bytes_unref(blob);
        record_unref(again);
        record_unref(record);
    }
}

/* A stored game whose stated result is none is refused. */
Test(collection, damaged_results_are_refused)
{
    struct record *record = with_result("RE[W+2.5]"), *again;
    GBytes *blob = record_pack(record);
    gsize size;
    const void *data = g_bytes_get_data(blob, &size);
    const size_t raw_size = ZSTD_getFrameContentSize(data, size), at = 2 + strlen("go:3,komi=0");
    guint8 *raw = g_malloc(raw_size), packed[4096];
    cr_assert_eq(ZSTD_decompress(raw, raw_size, data, size), raw_size);
    cr_assert(raw[0] == 4 && raw[at] == RECORD_MARGIN_STATED && raw[at + 1] == GAME_WON_1);
    for (int i = 0; i < 3; i++) { /* source, outcome, margin: of none, none, not a number */
        const guint8 kept = raw[at + (size_t)(i == 2 ? 5 : i)];
        GError *error = NULL;
        raw[at + (size_t)(i == 2 ? 5 : i)] = i == 2 ? 0x7f : 9;
        const size_t length = ZSTD_compress(packed, sizeof packed, raw, raw_size, 1);
        cr_assert_eq(record_unpack(&again, NULL, packed, length, &error), -1);
        cr_assert(error && strstr(error->message, "its result is impossible"), "%s", error ? error->message : "");
        g_clear_error(&error);
        raw[at + (size_t)(i == 2 ? 5 : i)] = kept;
    }
    g_free(raw);
    g_bytes_unref(blob);
    record_unref(record);
}

static struct net_samples *row_of(const struct record *record, int ply)
{
    const struct game_features *features = game_features_newest(&record->game);
    struct net_info info = {.planes = features->planes, .globals = features->globals, .other_moves = 1};
    struct net_samples *samples = net_samples_new(&info, record->game.width, record->game.height, 1);
    const struct samples_form form = {.values = {.horizon = 4}};
    samples_write(samples, 0, record, ply, features, &form);
    return samples;
}

/* What is learned from it: the move, the stated result, and nothing that nobody knows. */
Test(collection, targets)
{
    static const struct {
        const char *text;
        float score, map;
    } cases[] = {{"RE[W+R]", 0, 0}, {"RE[W+2.5]", 1, 0}, {"", 1, 1}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct record *record = with_result(cases[i].text);
        struct net_samples *samples = row_of(record, 0);
        cr_assert_eq(record->rows, 3);
        cr_assert_eq(samples->weight[NET_TARGET_POLICY][0], 1);
        cr_assert_eq(samples->target[NET_TARGET_POLICY][4], 1);
        cr_assert_eq(samples->target[NET_TARGET_VALUE][i < 2 ? 2 : 0], 1);
        cr_assert_eq(samples->weight[NET_TARGET_SCORE][0], cases[i].score);
        cr_assert_eq(samples->weight[NET_TARGET_MAP][0], cases[i].map);
        if (i == 1)
            cr_assert_eq(samples->target[NET_TARGET_SCORE][0], -2.5f);
        net_samples_free(samples);
        record_unref(record);
    }
}

Test(collection, games_that_are_left_out)
{
    static const struct {
        const char *text;
        enum collection_skip skip;
    } cases[] = {
        {"(;GM[1]SZ[5];B[bb];W[];B[])", COLLECTION_OTHER_GAME},
        {"(;GM[4]SZ[3];B[bb])", COLLECTION_OTHER_GAME},
        {"(;GM[1]SZ[3]AB[aa]RE[B+R];W[bb])", COLLECTION_SET_UP},
        {"(;GM[1]SZ[3]RE[B+R];B[bb];AB[aa];W[cc])", COLLECTION_SET_UP},
        {"(;GM[1]SZ[3]RE[B+R];B[bb];W[bb])", COLLECTION_ILLEGAL},
        {"(;GM[1]SZ[3]RE[B+R];B[bb];B[cc])", COLLECTION_ILLEGAL},
        {"(;GM[1]SZ[3]RE[B+R];W[bb])", COLLECTION_ILLEGAL},
        {"(;GM[1]SZ[3]RE[B+R];B[zz])", COLLECTION_ILLEGAL},
        {"(;GM[1]SZ[3]RE[B+R];B[bb];W[];B[];W[aa])", COLLECTION_ILLEGAL},
        {"(;GM[1]SZ[3]RE[B+R])", COLLECTION_EMPTY},
        {"(;GM[1]SZ[3];B[bb])", COLLECTION_NO_RESULT},
        {"(;GM[1]SZ[3]RE[Void];B[bb])", COLLECTION_NO_RESULT},
        {"(;GM[1]SZ[3]RE[B+R];B[bb]C[the main line](;W[aa])(;W[bb]))", COLLECTION_TAKEN},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct record *record;
        cr_assert_eq(read_text(cases[i].text, "go:3", &record), cases[i].skip, "%s", cases[i].text);
        record_unref(record);
    }
}

/* Komi and rules of the record, else of the game that was asked for. */
Test(collection, komi_and_handicap)
{
    struct record *record = taken("(;GM[1]SZ[9]KM[5.5]RE[B+R];B[ee])", "go:9,komi=7");
    cr_assert_eq(game_komi(&record->game), 11);
    record_unref(record);
    record = taken("(;GM[1]SZ[9]RE[B+R];B[ee])", "go:9,komi=6");
    cr_assert_eq(game_komi(&record->game), 12);
    record_unref(record);
    /* Two stones on the fixed points, and White begins. */
    record = taken("(;GM[1]SZ[9]KM[0.5]HA[2]AB[gc][cg]RE[B+R];W[ee];B[dd])", "go:9");
    cr_assert_eq(game_option_value(&record->game, "handicap", 0), 2);
    cr_assert_eq(record->plies[0].player, 1);
    record_unref(record);
    cr_assert_eq(read_text("(;GM[1]SZ[9]HA[2]AB[aa][bb]RE[B+R];W[ee])", "go:9", &record), COLLECTION_SET_UP);
}

static struct store *open_run(void)
{
    struct store *store;
    char *run = g_build_filename(folder, "run", NULL);
    cr_assert_eq(store_open(&store, run, STORE_CREATE, NULL), 0);
    g_free(run);
    return store;
}

static void put(const char *name, const char *text)
{
    char *path = g_build_filename(folder, "in", name, NULL), *parent = g_path_get_dirname(path);
    cr_assert_eq(g_mkdir_with_parents(parent, 0777), 0);
    cr_assert(g_file_set_contents(path, text, -1, NULL));
    g_free(parent);
    g_free(path);
}

Test(collection, a_folder)
{
    struct store *store = open_run();
    const struct game games[] = {game_of("go:5"), game_of("go:3")};
    struct collection_summary summary;
    GError *error = NULL;
    char *in = g_build_filename(folder, "in", NULL);
    put("one.sgf", "(;GM[1]SZ[3]RE[B+R];B[bb])(;GM[1]SZ[3]RE[W+R];B[aa];W[bb])");
    put("below/two.SGF", "(;GM[1]SZ[5]RE[B+R];B[bb];W[cc];B[dd])");
    put("broken.sgf", "no game");
    put("other.txt", "(;GM[1]SZ[3]RE[B+R];B[cc])");
    cr_assert(collection_add(store, games, 2, in, &summary, &error), "%s", error ? error->message : "");
    cr_assert_eq(summary.files, 3);
    cr_assert_eq(summary.games, 3);
    cr_assert_eq(summary.rows, 6);
    cr_assert_eq(summary.skipped[COLLECTION_UNREADABLE], 1);
    cr_assert(strstr(summary.example[COLLECTION_UNREADABLE], "broken.sgf"));
    collection_summary_clear(&summary);
    /* Again: nothing twice. */
    cr_assert(collection_add(store, games, 2, in, &summary, &error));
    cr_assert_eq(summary.games, 0);
    cr_assert_eq(summary.skipped[COLLECTION_DUPLICATE], 3);
    collection_summary_clear(&summary);
    struct store_counts counts;
    cr_assert(store_count(store, &counts, NULL));
    cr_assert_eq(counts.games, 3);
    cr_assert_eq(counts.next_number, 3);
    GPtrArray *records;
    cr_assert(store_load_games(store, games, 2, 100, &records, &error), "%s", error ? error->message : "");
    cr_assert_eq(records->len, 3);
    cr_assert_eq(((struct record *)records->pdata[1])->source, RECORD_OUTCOME_STATED);
    g_ptr_array_unref(records);
    cr_assert_not(collection_add(store, games, 2, "/absent", &summary, &error));
    cr_assert(error && strstr(error->message, "/absent"));
    g_clear_error(&error);
    g_free(in);
    store_close(store);
}

/* A run's games as SGF, read into another run: the same moves, komi and results. */
Test(collection, round_trip)
{
    struct store *store = open_run();
    const struct game games[] = {game_of("go:3"), game_of("gomoku:3,line=3")};
    struct collection_summary summary;
    GError *error = NULL;
    int64_t written;
    char *in = g_build_filename(folder, "in", NULL), *out = g_build_filename(folder, "out", NULL), *again;
    put("a.sgf", "(;GM[1]SZ[3]KM[1.5]RU[Chinese];B[bb];W[];B[])");
    put("b.sgf", "(;GM[1]SZ[3]KM[0.5]RE[W+4.5];B[bb];W[ab])");
    put("c.sgf", "(;GM[4]SZ[3]TENGEN[gomoku:3,line=3];B[aa];W[ab];B[ba];W[bb];B[ca])");
    for (int i = 0; i < 2; i++) {
        cr_assert(collection_add(store, &games[i], 1, in, &summary, &error), "%s", error ? error->message : "");
        cr_assert_eq(summary.games, i ? 1 : 2);
        collection_summary_clear(&summary);
    }
    cr_assert(games_write_sgf(store, games, 2, out, &written, &error), "%s", error ? error->message : "");
    cr_assert_eq(written, 3);
    for (int i = 0; i < 3; i++) {
        GPtrArray *records;
        char name[32], *text;
        gsize length;
        g_snprintf(name, sizeof name, "%06d.sgf", i);
        again = g_build_filename(out, name, NULL);
        cr_assert(g_file_get_contents(again, &text, &length, NULL));
        cr_assert(store_load_games(store, games, 2, 100, &records, &error));
        const struct record *want = records->pdata[i];
        struct sgf *sgf = sgf_parse(text, length, name, NULL);
        struct record *got;
        char *why;
        cr_assert_eq(collection_read(sgf_root(sgf), &games[i == 2], 1, 0, &got, &why), COLLECTION_TAKEN, "%s", text);
        cr_assert_eq(got->moves_hash, want->moves_hash);
        cr_assert(game_equal(&got->game, &want->game));
        cr_assert_eq(got->source, want->source);
        cr_assert_eq(got->result.outcome, want->result.outcome);
        cr_assert_eq(got->result.margin, want->result.margin);
        record_unref(got);
        sgf_free(sgf);
        g_ptr_array_unref(records);
        g_free(text);
        g_free(again);
    }
    g_free(in);
    g_free(out);
    store_close(store);
}
