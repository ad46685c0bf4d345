#include "engine/store/record.h"

#include <math.h>
#include <stdlib.h>
#include <zstd.h>

GQuark record_error_quark(void)
{
    return g_quark_from_static_string("record-error-quark");
}

enum {
    BLOB_STATED = 4,
    BLOB_VERSION = 3,
    BLOB_WITHOUT_SURPRISE = 2,
    BLOB_WITHOUT_GAME = 1,
    BLOB_MAX = 16 << 20,
};

#define SURPRISE_UNIT (1 / 4096.0f) /* nats */

struct record *record_new(const struct game *game, uint64_t number, uint32_t generation)
{
    struct record *record = g_new0(struct record, 1);
    record->game = *game;
    record->number = number;
    record->generation = generation;
    record->map = g_new0(int8_t, game->points);
    record->refs = 1;
    return record;
}

struct record *record_ref(struct record *record)
{
    __atomic_add_fetch(&record->refs, 1, __ATOMIC_RELAXED);
    return record;
}

void record_unref(struct record *record)
{
    if (!record || __atomic_sub_fetch(&record->refs, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    g_free(record->plies);
    g_free(record->shares);
    g_free(record->map);
    g_free(record);
}

size_t record_memory(const struct record *record)
{
    enum { BLOCKS = 4, OVERHEAD = 16 }; /* what the allocator adds to each */
    return sizeof *record + (size_t)record->ply_capacity * sizeof *record->plies +
           (size_t)record->share_capacity * sizeof *record->shares + record->game.points + BLOCKS * OVERHEAD;
}

static uint64_t quantise(float probability)
{
    return (uint64_t)lrintf(fminf(fmaxf(probability, 0), 1) * 65535.0f);
}

static uint64_t quantise_surprise(float nats)
{
    return (uint64_t)lrintf(fminf(fmaxf(nats / SURPRISE_UNIT, 0), 65535));
}

static void add_shares(struct record *record, struct record_ply *ply, const float *policy)
{
    for (int move = 0; move < record->game.moves; move++) {
        int share = (int)lrintf(policy[move] * 65535.0f);
        if (share <= 0)
            continue;
        if (record->share_count == record->share_capacity) {
            record->share_capacity = record->share_capacity ? record->share_capacity * 2 : 512;
            record->shares = g_renew(struct record_share, record->shares, record->share_capacity);
        }
        record->shares[record->share_count++] =
            (struct record_share){.move = (game_move)move, .share = (uint16_t)(share > 65535 ? 65535 : share)};
        ply->share_count++;
    }
}

void record_add(struct record *record, const struct position *position, game_move move, const float *policy,
                const float *wdl, const float *raw_wdl, int flags)
{
    if (record->ply_count == record->ply_capacity) {
        record->ply_capacity = record->ply_capacity ? record->ply_capacity * 2 : 64;
        record->plies = g_renew(struct record_ply, record->plies, record->ply_capacity);
    }
    struct record_ply *ply = &record->plies[record->ply_count];
    *ply = (struct record_ply){
        .move = move, .player = position->player, .flags = (uint8_t)flags, .first_share = record->share_count};
    if (policy)
        add_shares(record, ply, policy);
    if (ply->share_count == 0)
        ply->flags &= (uint8_t)~RECORD_TRAIN;
    /* Quantised as on disk, so that a resumed run trains on the same values as an uninterrupted one. */
    for (int i = 0; i < 3; i++) {
        ply->wdl[i] = wdl ? (float)quantise(wdl[i]) / 65535.0f : 0;
        ply->raw_wdl[i] = raw_wdl ? (float)quantise(raw_wdl[i]) / 65535.0f : 0;
    }
    record->copied += (flags & RECORD_COPIED) != 0;
    if (record->ply_count == record->copied + RECORD_OPENING_PLIES)
        record->opening_hash = position->hash;
    record->rows += (ply->flags & RECORD_TRAIN) != 0;
    record->moves_hash = rng_mix(record->moves_hash ^ (move + 1u));
    record->ply_count++;
}

void record_set_surprise(struct record *record, float nats)
{
    g_assert(record->ply_count > 0);
    record->plies[record->ply_count - 1].surprise = (float)quantise_surprise(nats) * SURPRISE_UNIT;
}

/* Records wait to be written, and stay in the replay window, by the hundred thousand. */
static void release_spare(struct record *record)
{
    record->ply_capacity = record->ply_count;
    record->share_capacity = record->share_count;
    record->plies = g_renew(struct record_ply, record->plies, record->ply_capacity);
    record->shares = g_renew(struct record_share, record->shares, record->share_capacity);
}

void record_finish(struct record *record, const struct position *last)
{
    release_spare(record);
    if (record->ply_count <= record->copied + RECORD_OPENING_PLIES)
        record->opening_hash = last->hash;
    record->result = game_result(&record->game, last);
    record->game.ops->final_map(&record->game, last, record->map);
}

void record_state_result(struct record *record, enum record_source source, enum game_outcome outcome, float margin)
{
    record->source = source;
    record->result.outcome = outcome;
    record->result.margin = source == RECORD_MARGIN_STATED ? margin : 0;
    memset(record->map, 0, record->game.points);
}

/* ---- serialisation ----
 *
 * Stored by column, which zstd compresses better: version u8; since version 2 the length u8 of the game's canonical
 * spec and the spec; in version 4 source and outcome u8[2] and the margin f32 of a stated result; plies u16, shares u32, number
 * u64, generation u32; moves u16[], players u8[], flags u8[], share counts u16[], wdl and raw_wdl u16[6 per ply], since
 * version 3 surprises u16[]; share moves u16[], shares u16[]. Other results, hashes and map are not stored: they are
 * recomputed by replaying the moves. All little-endian. */

static void put(GByteArray *out, uint64_t value, int bytes)
{
    guint8 text[8];
    for (int i = 0; i < bytes; i++)
        text[i] = (guint8)(value >> (8 * i));
    g_byte_array_append(out, text, (guint)bytes);
}

static void put_result(GByteArray *out, const struct record *record)
{
    uint32_t margin;
    memcpy(&margin, &record->result.margin, sizeof margin);
    put(out, record->source, 1);
    put(out, record->result.outcome, 1);
    put(out, margin, 4);
}

static void put_probabilities(GByteArray *out, const struct record *record)
{
    for (int i = 0; i < 3; i++)
        for (int ply = 0; ply < record->ply_count; ply++)
            put(out, quantise(record->plies[ply].wdl[i]), 2);
    for (int i = 0; i < 3; i++)
        for (int ply = 0; ply < record->ply_count; ply++)
            put(out, quantise(record->plies[ply].raw_wdl[i]), 2);
}

GBytes *record_pack(const struct record *record)
{
    GByteArray *raw = g_byte_array_new();
    char spec[GAME_SPEC_MAX];
    G_STATIC_ASSERT(GAME_SPEC_MAX <= 256);
    game_format(&record->game, spec);
    put(raw, record->source == RECORD_BY_RULES ? BLOB_VERSION : BLOB_STATED, 1);
    put(raw, strlen(spec), 1);
    g_byte_array_append(raw, (const guint8 *)spec, (guint)strlen(spec));
    if (record->source != RECORD_BY_RULES)
        put_result(raw, record);
    put(raw, (uint64_t)record->ply_count, 2);
    put(raw, record->share_count, 4);
    put(raw, record->number, 8);
    put(raw, record->generation, 4);
    for (int i = 0; i < record->ply_count; i++)
        put(raw, record->plies[i].move, 2);
    for (int i = 0; i < record->ply_count; i++)
        put(raw, record->plies[i].player, 1);
    for (int i = 0; i < record->ply_count; i++)
        put(raw, record->plies[i].flags, 1);
    for (int i = 0; i < record->ply_count; i++)
        put(raw, record->plies[i].share_count, 2);
    put_probabilities(raw, record);
    for (int i = 0; i < record->ply_count; i++)
        put(raw, quantise_surprise(record->plies[i].surprise), 2);
    for (uint32_t i = 0; i < record->share_count; i++)
        put(raw, record->shares[i].move, 2);
    for (uint32_t i = 0; i < record->share_count; i++)
        put(raw, record->shares[i].share, 2);
    size_t bound = ZSTD_compressBound(raw->len);
    char *packed = g_malloc(bound);
    size_t size = ZSTD_compress(packed, bound, raw->data, raw->len, 3);
    g_assert(!ZSTD_isError(size)); /* fails only for lack of space or memory; the buffer has the bound's size */
    g_byte_array_free(raw, TRUE);
    return g_bytes_new_take(g_realloc(packed, size), size);
}

struct reader {
    const guint8 *at, *end;
    bool truncated;            /* a read went past the end; it and later ones yield 0 */
    bool surprise;             /* the plies have one */
    enum record_source source; /* of the result; unless by the rules with: */
    enum game_outcome outcome;
    float margin;
};

static uint64_t take(struct reader *reader, int bytes)
{
    if (reader->end - reader->at < bytes) {
        reader->truncated = true;
        return 0;
    }
    uint64_t value = 0;
    for (int i = 0; i < bytes; i++)
        value |= (uint64_t)reader->at[i] << (8 * i);
    reader->at += bytes;
    return value;
}

static void take_plies(struct reader *reader, struct record *record)
{
    int n = record->ply_count;
    for (int i = 0; i < n; i++)
        record->plies[i].move = (game_move)take(reader, 2);
    for (int i = 0; i < n; i++)
        record->plies[i].player = (uint8_t)take(reader, 1);
    for (int i = 0; i < n; i++)
        record->plies[i].flags = (uint8_t)take(reader, 1);
    for (int i = 0; i < n; i++)
        record->plies[i].share_count = (uint16_t)take(reader, 2);
    for (int k = 0; k < 3; k++)
        for (int i = 0; i < n; i++)
            record->plies[i].wdl[k] = (float)take(reader, 2) / 65535.0f;
    for (int k = 0; k < 3; k++)
        for (int i = 0; i < n; i++)
            record->plies[i].raw_wdl[k] = (float)take(reader, 2) / 65535.0f;
    for (int i = 0; i < n && reader->surprise; i++)
        record->plies[i].surprise = (float)take(reader, 2) * SURPRISE_UNIT;
}

static void take_shares(struct reader *reader, struct record *record)
{
    for (uint32_t i = 0; i < record->share_count; i++)
        record->shares[i].move = (game_move)take(reader, 2);
    for (uint32_t i = 0; i < record->share_count; i++)
        record->shares[i].share = (uint16_t)take(reader, 2);
}

/* Validates the columns against each other and the rules, and fills the fields derived by replay. Returns the problem,
 * or NULL. */
static const char *replay(struct record *record)
{
    const struct game *game = &record->game;
    union any_position position;
    struct history history;
    uint64_t at = 0;
    const char *wrong = NULL;
    game_init(game, &position.p);
    history_init(&history, record->ply_count);
    for (int i = 0; i < record->ply_count && !wrong; i++) {
        struct record_ply *ply = &record->plies[i];
        ply->first_share = (uint32_t)at;
        at += ply->share_count;
        record->copied += (ply->flags & RECORD_COPIED) != 0;
        if (i == record->copied + RECORD_OPENING_PLIES)
            record->opening_hash = position.p.hash;
        record->rows += (ply->flags & RECORD_TRAIN) != 0;
        record->moves_hash = rng_mix(record->moves_hash ^ (ply->move + 1u));
        if (ply->player != position.p.player || (ply->flags & RECORD_TRAIN && ply->share_count == 0) ||
            (ply->flags & RECORD_COPIED && record->copied != i + 1))
            wrong = "a ply is inconsistent with the rules";
        else if (!game_try(game, &position.p, &history, ply->move))
            wrong = "a move is illegal";
    }
    for (uint32_t i = 0; i < record->share_count && !wrong; i++)
        if (record->shares[i].move >= game->moves)
            wrong = "a policy contains an invalid move";
    if (!wrong && at != record->share_count)
        wrong = "the policy sizes are inconsistent";
    if (!wrong)
        record_finish(record, &position.p);
    history_clear(&history);
    return wrong;
}

static bool damaged(const char *how, GError **error)
{
    g_set_error(error, RECORD_ERROR, RECORD_ERROR_BLOB, "cannot read a stored game: %s", how);
    return false;
}

static bool take_result(struct reader *reader, GError **error)
{
    const uint64_t source = take(reader, 1), outcome = take(reader, 1);
    const uint32_t margin = (uint32_t)take(reader, 4);
    memcpy(&reader->margin, &margin, sizeof margin);
    if ((source != RECORD_OUTCOME_STATED && source != RECORD_MARGIN_STATED) || outcome < GAME_WON_0 ||
        outcome > GAME_DRAWN || !(fabsf(reader->margin) <= 2 * GAME_MAX_POINTS))
        return damaged("its result is impossible", error);
    reader->source = (enum record_source)source;
    reader->outcome = (enum game_outcome)outcome;
    return true;
}

/* Reads the version and, since version 2, the game; in version 4 also the stated result. */
static bool take_game(struct reader *reader, const struct game *fallback, struct game *game, GError **error)
{
    uint64_t version = take(reader, 1);
    if (version == BLOB_WITHOUT_GAME && !fallback)
        return damaged("its format does not include the game", error);
    if (version == BLOB_WITHOUT_GAME) {
        *game = *fallback;
        return true;
    }
    if (version > BLOB_STATED || version < BLOB_WITHOUT_SURPRISE)
        return damaged("unsupported format version", error);
    reader->surprise = version >= BLOB_VERSION;
    size_t length = take(reader, 1);
    if ((size_t)(reader->end - reader->at) < length)
        return damaged("its length is inconsistent", error);
    char *spec = g_strndup((const char *)reader->at, length);
    reader->at += length;
    GError *wrong = NULL;
    bool good = game_parse(game, spec, &wrong) || damaged(wrong->message, error);
    g_clear_error(&wrong);
    g_free(spec);
    return good && (version != BLOB_STATED || take_result(reader, error));
}

static bool read_blob(struct record **out, const struct game *fallback, const void *raw, size_t size, GError **error)
{
    struct reader reader = {.at = raw, .end = (const guint8 *)raw + size};
    struct game game;
    if (!take_game(&reader, fallback, &game, error))
        return false;
    int plies = (int)take(&reader, 2);
    uint64_t shares = take(&reader, 4), number = take(&reader, 8);
    uint32_t generation = (uint32_t)take(&reader, 4);
    const uint64_t ply_bytes = reader.surprise ? 20 : 18;
    if (reader.truncated || (uint64_t)(reader.end - reader.at) != (uint64_t)plies * ply_bytes + shares * 4)
        return damaged("its length is inconsistent", error);
    struct record *record = record_new(&game, number, generation);
    record->ply_count = record->ply_capacity = plies;
    record->plies = g_new0(struct record_ply, (gsize)plies + 1);
    record->share_count = record->share_capacity = (uint32_t)shares;
    record->shares = g_new0(struct record_share, shares + 1);
    take_plies(&reader, record);
    take_shares(&reader, record);
    const char *wrong = replay(record);
    if (!wrong) {
        if (reader.source != RECORD_BY_RULES)
            record_state_result(record, reader.source, reader.outcome, reader.margin);
        *out = record;
        return true;
    }
    record_unref(record);
    return damaged(wrong, error);
}

int record_unpack(struct record **out, const struct game *fallback, const void *data, size_t size, GError **error)
{
    *out = NULL;
    unsigned long long raw_size = ZSTD_getFrameContentSize(data, size);
    if (raw_size == ZSTD_CONTENTSIZE_ERROR || raw_size == ZSTD_CONTENTSIZE_UNKNOWN || raw_size > BLOB_MAX) {
        damaged("not a zstd frame", error);
        return -1;
    }
    char *raw = g_malloc(raw_size + 1);
    size_t got = ZSTD_decompress(raw, raw_size, data, size);
    bool good = ZSTD_isError(got) || got != raw_size ? damaged("the data is corrupt", error)
                                                     : read_blob(out, fallback, raw, got, error);
    g_free(raw);
    return good ? 0 : -1;
}
