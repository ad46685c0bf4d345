#include "tests/engine/cluster/peer.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "engine/cluster/terms.h"
#include "engine/cluster/transport.h"
#include "engine/settings/settings.h"
#include "engine/store/record.h"
#include "games/game.h"
#include "net/net.h"

static double now(void)
{
    return 1e-6 * (double)g_get_monotonic_time();
}

struct message_reader peer_read(GBytes *message)
{
    struct message_reader reader;
    gsize size;
    const void *data = g_bytes_get_data(message, &size);
    message_read(&reader, data, size);
    return reader;
}

/* The next message of this kind before `until`; NULL: none. */
static GBytes *next(struct transport *transport, enum message_kind kind, double until)
{
    int from;
    void *data;
    size_t size;
    while (now() < until) {
        if (!transport->ops->receive(transport, &from, &data, &size)) {
            g_usleep(1000);
            continue;
        }
        GBytes *message = g_bytes_new(data, size);
        struct message_reader reader;
        const bool found = message_read(&reader, data, size) == kind;
        free(data);
        if (found)
            return message;
        g_bytes_unref(message);
    }
    return NULL;
}

GBytes *peer_expect(struct transport *transport, enum message_kind kind)
{
    return next(transport, kind, now() + 10);
}

int peer_count(struct transport *transport, enum message_kind kind, double seconds)
{
    const double until = now() + seconds;
    int count = 0;
    for (GBytes *message; (message = next(transport, kind, until)); count++)
        g_bytes_unref(message);
    return count;
}

bool peer_gets(struct transport *transport, enum message_kind kind, int count)
{
    for (int i = 0; i < count; i++) {
        GBytes *message = peer_expect(transport, kind);
        if (!message)
            return false;
        g_bytes_unref(message);
    }
    return peer_count(transport, kind, 0.1) == 0;
}

void peer_send(struct transport *transport, int to, GBytes *message)
{
    gsize size;
    const void *data = g_bytes_get_data(message, &size);
    transport->ops->send(transport, to, data, size);
    g_bytes_unref(message);
}

struct record *peer_game(uint64_t number)
{
    static const char *const moves[] = {"a1", "a2", "b1", "b2", "c1"};
    struct game game;
    union any_position position;
    struct history history;
    cr_assert(game_parse(&game, "gomoku:3,line=3", NULL));
    struct record *record = record_new(&game, number, 0);
    history_init(&history, 0);
    game_init(&game, &position.p);
    for (size_t i = 0; i < G_N_ELEMENTS(moves); i++) {
        const game_move move = game_move_parse(&game, moves[i]);
        record_add(record, &position.p, move, NULL, NULL, NULL, 0);
        cr_assert(game_try(&game, &position.p, &history, move));
    }
    record_finish(record, &position.p);
    history_clear(&history);
    return record;
}

GBytes *peer_game_message(uint64_t number, uint64_t sequence, uint64_t evaluations)
{
    struct record *record = peer_game(number);
    GBytes *packed = record_pack(record);
    gsize size;
    const void *data = g_bytes_get_data(packed, &size);
    GByteArray *message = message_new(MESSAGE_GAME);
    message_put_u64(message, sequence);
    message_put_u64(message, number);
    message_put_u64(message, evaluations);
    message_put_bytes(message, data, size);
    g_bytes_unref(packed);
    record_unref(record);
    return message_finish(message);
}

void peer_terms(struct cluster_terms *terms)
{
    struct game game;
    cr_assert(game_parse(&game, "gomoku:3,line=3", NULL));
    *terms = (struct cluster_terms){.backend = NET_BACKEND_PLAIN, .dtype = NET_F32, .spare = 1};
    settings_presets(&terms->settings, &game);
    terms->settings.visits = 4;
    terms->settings.seed = 1;
}
