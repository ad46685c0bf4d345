#include "engine/training/replay/replay_window.h"

#include "engine/settings/settings.h"
#include "engine/store/record.h"
#include "engine/training/replay/relabel.h"
#include "engine/training/replay/row_weights.h"
#include "engine/training/replay/samples.h"
#include "engine/training/replay/sequences.h"
#include "games/game.h"
#include "net/train.h"

#include <math.h>
#include <stdlib.h>

enum {
    RING_ROWS = 1024, /* the fewest that a ring has space for */
};

struct row {
    struct record *record;
    int ply;
    int64_t serial; /* insertion order over all board shapes: the oldest row is evicted first */
    int64_t end;    /* sum of the weights of all rows that were added to the ring up to this one */
};

/* Ring buffer of rows of one board shape, oldest first; each row holds a reference to its record. */
struct ring {
    struct game_shape shape;
    struct row *rows;
    int64_t first, count, capacity;
    int64_t begin, end; /* the oldest row's `end` less its weight; the newest row's `end` */
};

struct window {
    const struct settings *settings;
    int64_t made; /* rows of all games of the run, earlier sessions included */
    int64_t added, kept;
    int64_t bytes, limit; /* of the records and the rings; limit 0: none */
    GArray *rings;        /* struct ring, one per board shape; few, so searched linearly */
};

static struct ring *ring_at(const struct window *window, guint index)
{
    return &g_array_index(window->rings, struct ring, index);
}

static struct ring *find_ring(const struct window *window, struct game_shape shape)
{
    for (guint i = 0; i < window->rings->len; i++) {
        struct ring *ring = ring_at(window, i);
        if (ring->shape.width == shape.width && ring->shape.height == shape.height)
            return ring;
    }
    return NULL;
}

static struct ring *ensure_ring(struct window *window, const struct game *game)
{
    const struct game_shape shape = {game->width, game->height};
    struct ring *ring = find_ring(window, shape);
    if (ring)
        return ring;
    g_array_append_val(window->rings, ((struct ring){.shape = shape}));
    return ring_at(window, window->rings->len - 1);
}

struct window *window_new(const struct game *games, int game_count, const struct settings *settings)
{
    struct window *window = g_new0(struct window, 1);
    window->settings = settings;
    window->rings = g_array_new(FALSE, FALSE, sizeof(struct ring));
    for (int i = 0; i < game_count; i++)
        ensure_ring(window, &games[i]);
    return window;
}

static struct row *row_at(const struct ring *ring, int64_t index)
{
    return &ring->rows[(ring->first + index) % ring->capacity];
}

/* Each row's part of its record. */
static int64_t row_bytes(const struct record *record)
{
    return (int64_t)record_memory(record) / MAX(record->rows, 1);
}

/* Does not count the row out of window->kept. */
static void drop_oldest(struct window *window, struct ring *ring)
{
    window->bytes -= row_bytes(row_at(ring, 0)->record);
    ring->begin = row_at(ring, 0)->end;
    record_unref(row_at(ring, 0)->record);
    ring->first = (ring->first + 1) % ring->capacity;
    ring->count--;
}

void window_free(struct window *window)
{
    if (!window)
        return;
    for (guint i = 0; i < window->rings->len; i++) {
        struct ring *ring = ring_at(window, i);
        while (ring->count > 0)
            drop_oldest(window, ring);
        g_free(ring->rows);
    }
    g_array_unref(window->rings);
    g_free(window);
}

int64_t window_size(const struct settings *settings, int64_t made)
{
    double c = (double)settings->window, alpha = settings->window_alpha, beta = settings->window_beta;
    double size = c * (1 + beta * (pow((double)made / c, alpha) - 1) / alpha);
    /* With beta above alpha the curve starts below zero; until c rows exist, all are kept in any case. */
    return (int64_t)fmax(size, fmin((double)made, c));
}

/* `capacity` is at least the number of rows in the ring. */
static void resize(struct window *window, struct ring *ring, int64_t capacity)
{
    struct row *rows = g_new(struct row, capacity);
    for (int64_t i = 0; i < ring->count; i++)
        rows[i] = *row_at(ring, i);
    g_free(ring->rows);
    window->bytes += (capacity - ring->capacity) * (int64_t)sizeof(struct row);
    ring->rows = rows;
    ring->first = 0;
    ring->capacity = capacity;
}

/* Makes room for a row: by a larger ring, or, if that would exceed the limit, in place of the oldest one. */
static void make_room(struct window *window, struct ring *ring)
{
    int64_t capacity = ring->capacity ? ring->capacity * 2 : RING_ROWS;
    const int64_t more = (capacity - ring->capacity) * (int64_t)sizeof(struct row);
    if (window->limit && ring->count > 0 && window->bytes + more > window->limit) {
        drop_oldest(window, ring);
        window->kept--;
        return;
    }
    resize(window, ring, capacity);
}

static struct ring *oldest_ring(struct window *window)
{
    struct ring *oldest = NULL;
    for (guint i = 0; i < window->rings->len; i++) {
        struct ring *ring = ring_at(window, i);
        if (ring->count > 0 && (!oldest || ring->rows[ring->first].serial < oldest->rows[oldest->first].serial))
            oldest = ring;
    }
    return oldest;
}

static void trim(struct window *window)
{
    const int64_t size = window_size(window->settings, window->made);
    bool beyond;
    while ((beyond = window->limit && window->bytes > window->limit && window->kept > 1) || window->kept > size) {
        struct ring *ring = oldest_ring(window);
        drop_oldest(window, ring);
        window->kept--;
        /* Space counts where the limit is exceeded; elsewhere a ring that shrank at half would soon grow again. */
        if (ring->capacity > RING_ROWS && ring->count <= ring->capacity / (beyond ? 2 : 4))
            resize(window, ring, ring->capacity / 2);
    }
}

void window_add(struct window *window, struct record *record)
{
    struct ring *ring = ensure_ring(window, &record->game);
    int64_t *weights = g_new(int64_t, record->ply_count + 1);
    row_weights(record, window->settings, weights);
    for (int ply = 0; ply < record->ply_count; ply++) {
        if (!(record->plies[ply].flags & RECORD_TRAIN))
            continue;
        if (ring->count == ring->capacity)
            make_room(window, ring);
        ring->end += weights[ply];
        ring->count++;
        *row_at(ring, ring->count - 1) = (struct row){record_ref(record), ply, window->added++, ring->end};
        window->bytes += row_bytes(record);
        window->kept++;
        window->made++;
    }
    g_free(weights);
    trim(window);
}

int64_t window_limited_to(const struct window *window)
{
    return window->limit;
}

void window_limit(struct window *window, int64_t bytes)
{
    window->limit = bytes;
    trim(window);
}

int64_t window_bytes(const struct window *window)
{
    return window->bytes;
}

void window_set_made(struct window *window, int64_t made)
{
    window->made = made;
}

int64_t window_made(const struct window *window)
{
    return window->made;
}

int64_t window_rows(const struct window *window)
{
    return window->kept;
}

int64_t window_shape_rows(const struct window *window, struct game_shape shape)
{
    const struct ring *ring = find_ring(window, shape);
    return ring ? ring->count : 0;
}

void window_row(const struct window *window, struct game_shape shape, int64_t index, const struct record **record,
                int *ply)
{
    const struct ring *ring = find_ring(window, shape);
    const struct row *row = row_at(ring, index);
    *record = row->record;
    *ply = row->ply;
}

struct game_shape window_draw_shape(const struct window *window, struct rng *rng)
{
    int64_t at = (int64_t)(rng_uniform(rng) * (double)window_rows(window));
    guint i = 0;
    for (; at >= ring_at(window, i)->count; i++)
        at -= ring_at(window, i)->count;
    return ring_at(window, i)->shape;
}

/* In proportion to the weights: the row in whose part of their sum a random number falls. */
static const struct row *draw_row(const struct ring *ring, struct rng *rng)
{
    const int64_t at = ring->begin + (int64_t)(rng_uniform(rng) * (double)(ring->end - ring->begin));
    int64_t low = 0, high = ring->count - 1;
    while (low < high) {
        const int64_t middle = low + (high - low) / 2;
        if (row_at(ring, middle)->end > at)
            high = middle;
        else
            low = middle + 1;
    }
    return row_at(ring, low);
}

/* How a row that begins with this ply is made. */
static struct samples_form draw_form(const struct window *window, const struct record *record, int ply,
                                     const struct samples_values *values, struct rng *rng)
{
    const double share = window->settings->komi_relabel_share;
    struct samples_form form = {.values = *values, .symmetry = (int)rng_below(rng, record->game.symmetries)};
    form.relabel = share > 0 && relabel_applies(record, ply) && rng_uniform(rng) < share;
    if (form.relabel)
        form.komi = relabel_draw(record, rng);
    return form;
}

/* Fills at most `room` rows from `at` on with a sequence that has a drawn row; returns their number. */
static int fill_sequence(const struct window *window, const struct ring *ring, const struct game_features *features,
                         struct rng *rng, struct net_samples *samples, int at, int room)
{
    const struct samples_values values =
        samples_values_of(window->settings, (struct game_shape){(uint16_t)samples->width, (uint16_t)samples->height});
    const struct row *row = draw_row(ring, rng);
    const int before = MIN((int)rng_below(rng, (uint32_t)samples->sequence), room - 1);
    struct sequence sequence = {.record = row->record, .first = MAX(row->ply - before, 0)};
    sequence.count = MIN(room, row->record->ply_count - sequence.first);
    sequence.root = (int)rng_below(rng, (uint32_t)samples->sequence / 2 + 1);
    const struct samples_form form = draw_form(window, row->record, sequence.first, &values, rng);
    sequence_write(samples, at, &sequence, features, &form);
    return sequence.count;
}

void window_fill(const struct window *window, const struct game_features *features, struct rng *rng,
                 struct net_samples *samples)
{
    const int length = samples->sequence;
    const struct game_shape shape = {(uint16_t)samples->width, (uint16_t)samples->height};
    const struct ring *ring = find_ring(window, shape);
    if (length == 1) {
        window_fill_judged(window, features, rng, samples, samples->n, 0);
        return;
    }
    for (int at = 0; at < samples->n;) /* sequences do not extend over a multiple of their length */
        at += fill_sequence(window, ring, features, rng, samples, at, MIN(length - at % length, samples->n - at));
    sequence_scale_weights(samples);
}

void window_fill_judged(const struct window *window, const struct game_features *features, struct rng *rng,
                        struct net_samples *samples, int rows, int moves)
{
    const struct game_shape shape = {(uint16_t)samples->width, (uint16_t)samples->height};
    const struct ring *ring = find_ring(window, shape);
    const struct samples_values values = samples_values_of(window->settings, shape);
    sequence_begin_judged(samples, rows, moves);
    for (int i = 0; i < rows; i++) {
        const struct row *row = draw_row(ring, rng);
        const struct samples_form form = draw_form(window, row->record, row->ply, &values, rng);
        sequence_write_judged(samples, i, moves, row->record, row->ply, features, &form);
    }
}
