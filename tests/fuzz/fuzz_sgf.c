/* SGF (and psq): a file that can be read can be written, read again, edited and replayed, and every position is
 * consistent. */
#include <assert.h>
#include <stdlib.h>

#include "games/record/psq.h"
#include "games/record/sgf.h"

enum { MOST_NODES = 400 };

/* A bug for the build with planted bugs: triggered by a value of ZQ that ends with an escape. */
static void plant(const struct sgf *sgf)
{
#ifdef FUZZ_PLANTED
    for (const struct sgf_node *node = sgf_root(sgf); node; node = sgf_next(sgf_root(sgf), node)) {
        const char *raw = sgf_get(node, "ZQ");
        if (raw && strlen(raw) > 1 && raw[strlen(raw) - 2] == '\\')
            abort();
    }
#else
    (void)sgf;
#endif
}

static void round_trip(const struct sgf *sgf)
{
    size_t length, again_length;
    char *text = sgf_format(sgf, &length);
    struct sgf *again = sgf_parse(text, length, "again", NULL);
    assert(again);
    char *twice = sgf_format(again, &again_length);
    assert(again_length == length && memcmp(text, twice, length) == 0);
    g_free(text);
    g_free(twice);
    sgf_free(again);
}

static void replay(struct sgf *sgf)
{
    struct game game;
    union any_position at;
    struct history history;
    GError *error = NULL;
    if (!sgf_read_game(sgf_root(sgf), NULL, &game, &error)) {
        assert(error);
        g_clear_error(&error);
        return;
    }
    history_init(&history, 64);
    game_init(&game, &at.p);
    int nodes = 0;
    for (struct sgf_node *node = sgf_root(sgf); node && nodes < MOST_NODES; node = node->first_child, nodes++) {
        bool fine = sgf_apply(node, &game, &at.p, &history, NULL, &error);
        assert(fine == !error);
        g_clear_error(&error);
        if (!fine)
            break;
        assert(!game.ops->check(&game, &at.p));
    }
    history_clear(&history);
}

static void edit(struct sgf *sgf)
{
    int nodes = 0;
    for (struct sgf_node *node = sgf_root(sgf); node && nodes < MOST_NODES;
         node = sgf_next(sgf_root(sgf), node), nodes++) {
        char *text = sgf_text(node, "C");
        sgf_set_text(node, "C", text ? text : "x]\\:");
        g_free(text);
    }
    sgf_make_main(sgf_last(sgf_root(sgf)));
    if (sgf_root(sgf)->last_child) {
        sgf_make_main(sgf_root(sgf)->last_child);
        sgf_delete(sgf_root(sgf)->first_child);
    }
}

static void try_psq(const uint8_t *data, size_t size)
{
    struct psq psq;
    if (!psq_parse(&psq, (const char *)data, size, "input", NULL))
        return;
    char *text = psq_format(&psq);
    struct psq again;
    assert(psq_parse(&again, text, strlen(text), "again", NULL) && again.count == psq.count);
    psq_clear(&again);
    psq_clear(&psq);
    g_free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    GError *error = NULL;
    struct sgf *sgf = sgf_parse((const char *)data, size, "input", &error);
    assert(!sgf == (error != NULL));
    g_clear_error(&error);
    try_psq(data, size);
    if (!sgf)
        return 0;
    plant(sgf);
    round_trip(sgf);
    replay(sgf);
    edit(sgf);
    round_trip(sgf);
    sgf_free(sgf);
    return 0;
}
