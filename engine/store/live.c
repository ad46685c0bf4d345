#include "engine/store/live.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

enum { VERSION = 2 };
static const char magic[8] = "tengenL";

/* number: the game's plus one; 0 while the board is being reset for the next game. */
struct board {
    uint64_t number;
    char spec[GAME_SPEC_MAX];
    uint32_t generation, count, value_bits;
    uint16_t moves[LIVE_MAX_MOVES];
};

struct head {
    char magic[8];
    uint32_t version, boards;
    uint32_t open;
    int64_t beat; /* wall clock seconds of the last update */
    uint64_t changes;
};

struct live {
    int fd;
    bool writes;
    int count;
    uint32_t *plies;          /* a writer's: how many moves each board has */
    _Atomic uint64_t changes; /* a writer's */
};

static off_t at_board(int board)
{
    return (off_t)sizeof(struct head) + (off_t)board * (off_t)sizeof(struct board);
}

/* A full disk costs the view of a move, nothing else. */
static void put(const struct live *live, off_t at, const void *data, size_t bytes)
{
    ssize_t written = pwrite(live->fd, data, bytes, at);
    (void)written;
}

/* Returns false if the file has been cut short. */
static bool get(const struct live *live, off_t at, void *data, size_t bytes)
{
    return pread(live->fd, data, bytes, at) == (ssize_t)bytes;
}

static struct live *live_new(int fd, int boards, bool writes)
{
    struct live *live = g_new0(struct live, 1);
    live->fd = fd;
    live->count = boards;
    live->writes = writes;
    live->plies = writes ? g_new0(uint32_t, boards) : NULL;
    return live;
}

struct live *live_create(const char *folder, int boards, GError **error)
{
    char *path = g_build_filename(folder, "live", NULL);
    boards = MIN(boards, LIVE_MAX_BOARDS);
    /* Creates a new file rather than truncating the old one, which readers may still have open. */
    unlink(path);
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    const struct head head = {.version = VERSION, .boards = (uint32_t)boards, .open = 1};
    struct live *live = NULL;
    if (fd >= 0 && ftruncate(fd, at_board(boards)) == 0 && pwrite(fd, &head, sizeof head, 0) == (ssize_t)sizeof head) {
        live = live_new(fd, boards, true);
        put(live, 0, magic, sizeof magic); /* last: now it is a file that can be opened */
    } else {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "%s: %s", path, g_strerror(errno));
        if (fd >= 0)
            close(fd);
    }
    g_free(path);
    return live;
}

static void count_change(struct live *live)
{
    struct {
        int64_t beat;
        uint64_t changes;
    } now = {g_get_real_time() / G_USEC_PER_SEC, atomic_fetch_add(&live->changes, 1) + 1};
    G_STATIC_ASSERT(offsetof(struct head, changes) == offsetof(struct head, beat) + sizeof now.beat);
    put(live, offsetof(struct head, beat), &now, sizeof now);
}

/* The number is cleared before the board changes and set last, so that a reader who finds the same number before and
 * after reading has read one game. */
void live_begin(struct live *live, int board, const struct game *game, uint64_t number, uint32_t generation)
{
    if (!live || board >= live->count)
        return;
    struct board next = {.generation = generation};
    game_format(game, next.spec);
    live->plies[board] = 0;
    put(live, at_board(board), &next, offsetof(struct board, moves));
    next.number = number + 1;
    put(live, at_board(board), &next.number, sizeof next.number);
    count_change(live);
}

/* The count is written after the move that it counts. */
void live_move(struct live *live, int board, game_move move, float value_player_0)
{
    if (!live || board >= live->count || live->plies[board] >= LIVE_MAX_MOVES)
        return;
    uint16_t written = move;
    uint32_t count = live->plies[board]++;
    put(live, at_board(board) + (off_t)offsetof(struct board, moves) + (off_t)(count * sizeof written), &written,
        sizeof written);
    struct {
        uint32_t count, value_bits;
    } now = {.count = count + 1};
    G_STATIC_ASSERT(offsetof(struct board, value_bits) == offsetof(struct board, count) + sizeof now.count);
    memcpy(&now.value_bits, &value_player_0, sizeof now.value_bits);
    put(live, at_board(board) + (off_t)offsetof(struct board, count), &now, sizeof now);
    count_change(live);
}

void live_close(struct live *live)
{
    if (!live)
        return;
    if (live->writes)
        put(live, offsetof(struct head, open), &(uint32_t){0}, sizeof(uint32_t));
    close(live->fd);
    g_free(live->plies);
    g_free(live);
}

/* ---- reading ---- */

static bool read_head(const struct live *live, struct head *head)
{
    return get(live, 0, head, sizeof *head) && memcmp(head->magic, magic, sizeof magic) == 0 &&
           head->version == VERSION && head->beat >= 0;
}

struct live *live_open(const char *folder)
{
    char *path = g_build_filename(folder, "live", NULL);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a named pipe would wait for a writer */
    struct stat about;
    struct head head;
    g_free(path);
    if (fd < 0)
        return NULL;
    struct live *live = live_new(fd, 0, false);
    if (fstat(fd, &about) == 0 && S_ISREG(about.st_mode) && read_head(live, &head) && head.boards <= LIVE_MAX_BOARDS &&
        about.st_size >= at_board((int)head.boards)) {
        live->count = (int)head.boards;
        return live;
    }
    live_close(live);
    return NULL;
}

int live_boards(const struct live *live)
{
    return live->count;
}

bool live_is_fresh(const struct live *live, int seconds)
{
    struct head head;
    return read_head(live, &head) && head.open && g_get_real_time() / G_USEC_PER_SEC - head.beat <= seconds;
}

uint64_t live_changes(const struct live *live)
{
    struct head head;
    return read_head(live, &head) ? head.changes : 0;
}

bool live_read(const struct live *live, int board, struct live_game *out)
{
    struct board b;
    uint64_t number;
    if (!get(live, at_board(board), &b, sizeof b) || !b.number || b.count > LIVE_MAX_MOVES ||
        !get(live, at_board(board), &number, sizeof number) || number != b.number) /* another game has begun meanwhile */
        return false;
    b.spec[sizeof b.spec - 1] = '\0';
    if (!game_parse(&out->game, b.spec, NULL))
        return false;
    out->number = number - 1;
    out->generation = b.generation;
    out->count = (int)b.count;
    memcpy(&out->value_player_0, &b.value_bits, sizeof out->value_player_0);
    if (b.count == 0)
        out->value_player_0 = NAN;
    for (uint32_t i = 0; i < b.count; i++)
        out->moves[i] = b.moves[i];
    return true;
}
