#include "engine/store/live.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { VERSION = 2, SPEC_WORDS = GAME_SPEC_MAX / 8 };
static const char magic[8] = "tengenL";

/* number: the game's plus one; 0 while the board is being reset for the next game. */
struct board {
    _Atomic uint64_t number;
    _Atomic uint64_t spec[SPEC_WORDS]; /* text, as atomic words because reads and writes are concurrent */
    _Atomic uint32_t generation, count, value_bits;
    _Atomic uint16_t moves[LIVE_MAX_MOVES];
};

struct head {
    char magic[8];
    uint32_t version, boards;
    _Atomic uint32_t open;
    _Atomic int64_t beat; /* wall clock seconds of the last update */
    _Atomic uint64_t changes;
};

struct live {
    struct head *head;
    struct board *boards;
    size_t bytes;
    bool writes;
    int count;
};

static size_t size_of(int boards)
{
    return sizeof(struct head) + (size_t)boards * sizeof(struct board);
}

static struct live *map(int fd, size_t bytes, bool writes)
{
    void *memory = mmap(NULL, bytes, writes ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, fd, 0);
    if (memory == MAP_FAILED)
        return NULL;
    struct live *live = g_new0(struct live, 1);
    live->head = memory;
    live->boards = (struct board *)(live->head + 1);
    live->bytes = bytes;
    live->writes = writes;
    return live;
}

struct live *live_create(const char *folder, int boards, GError **error)
{
    char *path = g_build_filename(folder, "live", NULL);
    boards = MIN(boards, LIVE_MAX_BOARDS);
    /* Creates a new file rather than truncating the old one, which readers may still have mapped. */
    unlink(path);
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    struct live *live = NULL;
    if (fd >= 0 && posix_fallocate(fd, 0, (off_t)size_of(boards)) == 0)
        live = map(fd, size_of(boards), true);
    if (!live)
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "%s: %s", path, g_strerror(errno));
    if (fd >= 0)
        close(fd);
    g_free(path);
    if (!live)
        return NULL;
    live->count = boards;
    live->head->version = VERSION;
    live->head->boards = (uint32_t)boards;
    atomic_store(&live->head->open, 1);
    memcpy(live->head->magic, magic, sizeof magic);
    return live;
}

static void count_change(struct live *live)
{
    atomic_fetch_add_explicit(&live->head->changes, 1, memory_order_relaxed);
    atomic_store_explicit(&live->head->beat, g_get_real_time() / 1000000, memory_order_relaxed);
}

/* release: a reader that sees one of these words also sees the number reset to 0. */
static void write_spec(struct board *b, const struct game *game)
{
    char text[GAME_SPEC_MAX] = "";
    G_STATIC_ASSERT(sizeof text == sizeof b->spec);
    game_format(game, text);
    for (int i = 0; i < SPEC_WORDS; i++) {
        uint64_t word;
        memcpy(&word, text + sizeof word * (size_t)i, sizeof word);
        atomic_store_explicit(&b->spec[i], word, memory_order_release);
    }
}

static void read_spec(const struct board *b, char text[GAME_SPEC_MAX])
{
    for (int i = 0; i < SPEC_WORDS; i++) {
        uint64_t word = atomic_load_explicit(&b->spec[i], memory_order_relaxed);
        memcpy(text + sizeof word * (size_t)i, &word, sizeof word);
    }
    text[GAME_SPEC_MAX - 1] = '\0';
}

void live_begin(struct live *live, int board, const struct game *game, uint64_t number, uint32_t generation)
{
    if (!live || board >= live->count)
        return;
    struct board *b = &live->boards[board];
    atomic_store(&b->number, 0);
    atomic_store_explicit(&b->count, 0, memory_order_relaxed);
    write_spec(b, game);
    atomic_store_explicit(&b->generation, generation, memory_order_relaxed);
    atomic_store(&b->number, number + 1);
    count_change(live);
}

void live_move(struct live *live, int board, game_move move, float value_player_0)
{
    if (!live || board >= live->count)
        return;
    struct board *b = &live->boards[board];
    uint32_t count = atomic_load_explicit(&b->count, memory_order_relaxed), bits;
    if (count >= LIVE_MAX_MOVES)
        return;
    memcpy(&bits, &value_player_0, sizeof bits);
    atomic_store_explicit(&b->moves[count], move, memory_order_relaxed);
    atomic_store_explicit(&b->value_bits, bits, memory_order_relaxed);
    atomic_store_explicit(&b->count, count + 1, memory_order_release);
    count_change(live);
}

void live_close(struct live *live)
{
    if (!live)
        return;
    if (live->writes)
        atomic_store(&live->head->open, 0);
    munmap(live->head, live->bytes);
    g_free(live);
}

/* Validates the header: the file comes from another process and may be malformed. */
static bool check_head(struct live *live)
{
    const struct head *head = live->head;
    if (memcmp(head->magic, magic, sizeof magic) != 0 || head->version != VERSION || head->boards > LIVE_MAX_BOARDS ||
        size_of((int)head->boards) > live->bytes)
        return false;
    live->count = (int)head->boards;
    return true;
}

struct live *live_open(const char *folder)
{
    char *path = g_build_filename(folder, "live", NULL);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat about;
    struct live *live = NULL;
    g_free(path);
    if (fd < 0)
        return NULL;
    if (fstat(fd, &about) == 0 && S_ISREG(about.st_mode) && (size_t)about.st_size >= sizeof(struct head) &&
        about.st_size <= (off_t)size_of(LIVE_MAX_BOARDS))
        live = map(fd, (size_t)about.st_size, false);
    close(fd);
    if (live && !check_head(live)) {
        live_close(live);
        live = NULL;
    }
    return live;
}

int live_boards(const struct live *live)
{
    return live->count;
}

bool live_is_fresh(const struct live *live, int seconds)
{
    return atomic_load(&live->head->open) && g_get_real_time() / 1000000 - atomic_load(&live->head->beat) <= seconds;
}

uint64_t live_changes(const struct live *live)
{
    return atomic_load_explicit(&live->head->changes, memory_order_relaxed);
}

bool live_read(const struct live *live, int board, struct live_game *out)
{
    const struct board *b = &live->boards[board];
    uint64_t number = atomic_load(&b->number);
    uint32_t count = atomic_load_explicit(&b->count, memory_order_acquire);
    char spec[GAME_SPEC_MAX];
    if (!number || count > LIVE_MAX_MOVES)
        return false;
    read_spec(b, spec);
    uint32_t bits = atomic_load(&b->value_bits);
    memcpy(&out->value_player_0, &bits, sizeof bits);
    out->generation = atomic_load(&b->generation);
    for (uint32_t i = 0; i < count; i++)
        out->moves[i] = atomic_load_explicit(&b->moves[i], memory_order_relaxed);
    atomic_thread_fence(memory_order_acquire);
    if (atomic_load(&b->number) != number) /* another game has started meanwhile */
        return false;
    if (!game_parse(&out->game, spec, NULL))
        return false;
    out->number = number - 1;
    out->count = (int)count;
    if (count == 0)
        out->value_player_0 = NAN;
    return true;
}
