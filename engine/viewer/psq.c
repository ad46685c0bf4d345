#include "engine/viewer/psq.h"

#include <ctype.h>
#include <stdlib.h>

#include "games/gomoku.h"

enum { MOST_BYTES = 1 << 20 };
static const char magic[] = "Piskvorky ";

bool psq_looks_like(const char *text, size_t length)
{
    return length >= strlen(magic) && memcmp(text, magic, strlen(magic)) == 0;
}

static void fail(GError **error, const char *name, int line, const char *what)
{
    g_set_error(error, GAME_ERROR, GAME_ERROR_FILE, "%s, line %d: %s", name, line, what);
}

static bool read_number(const char **at, int *number)
{
    char *end;
    while (**at == ' ')
        (*at)++;
    if (!isdigit((unsigned char)**at))
        return false;
    long value = strtol(*at, &end, 10);
    *number = value > 1000000 ? 1000000 : (int)value;
    *at = end;
    return true;
}

static bool read_head(const char *line, int *size)
{
    const char *at = line + strlen(magic);
    int height;
    return read_number(&at, size) && *at++ == 'x' && read_number(&at, &height) && height == *size && *size >= 5 &&
           *size <= GAME_MAX_SIZE;
}

/* "8,8,120"; false when the line is no move at all. */
static bool read_move(const char *line, int *x, int *y)
{
    return read_number(&line, x) && *line++ == ',' && read_number(&line, y) && *line == ',';
}

static struct sgf *build(char **lines, const char *name, GError **error)
{
    int size, x, y, at = 1;
    struct game game;
    union any_position position;
    char spec[32];
    if (!read_head(lines[0], &size)) {
        fail(error, name, 1, "the board must be square, of 5 to 20 points: Piskvorky 15x15, ...");
        return NULL;
    }
    g_snprintf(spec, sizeof spec, "gomoku:%d", size);
    if (!game_parse(&game, spec, error))
        return NULL;
    struct sgf *sgf = sgf_new();
    struct sgf_node *root = sgf_add(sgf->top), *node = root;
    sgf_write_game(root, &game);
    game_init(&game, &position.p);
    for (; lines[at] && read_move(lines[at], &x, &y); at++) {
        game_move move = (game_move)((y - 1) * size + x - 1);
        if (x < 1 || y < 1 || x > size || y > size || !game_try(&game, &position.p, NULL, move)) {
            fail(error, name, at + 1, "no move that can be played there; column and row are counted from 1");
            sgf_free(sgf);
            return NULL;
        }
        struct sgf_node *child = sgf_add(node);
        char text[3];
        sgf_set(child, at % 2 ? "B" : "W", sgf_point(&game, move, text));
        node = child;
    }
    for (int i = 0; i < 2 && lines[at] && *lines[at]; i++, at++)
        sgf_set_text(root, i ? "PW" : "PB", lines[at]);
    return sgf;
}

struct sgf *psq_parse(const char *text, size_t length, const char *name, GError **error)
{
    if (length > MOST_BYTES) {
        fail(error, name, 1, "the file is larger than any such record");
        return NULL;
    }
    char *copy = g_strndup(text, length), *valid = g_utf8_make_valid(copy, -1);
    char **lines = g_strsplit(valid, "\n", -1);
    for (int i = 0; lines[i]; i++)
        g_strchomp(lines[i]);
    struct sgf *sgf = build(lines, name, error);
    g_strfreev(lines);
    g_free(valid);
    g_free(copy);
    return sgf;
}

bool psq_save(const struct sgf *sgf, const struct game *game, const char *path, GError **error)
{
    if (game->ops != &gomoku_ops) {
        g_set_error(error, GAME_ERROR, GAME_ERROR_FILE, "%s: .psq keeps games of Gomoku only; save as .sgf", path);
        return false;
    }
    GString *out = g_string_new(NULL);
    g_string_append_printf(out, "%s%dx%d, 11:11, 0\r\n", magic, game->size, game->size);
    for (const struct sgf_node *at = sgf_root(sgf); at; at = at->first_child) {
        const char *raw = sgf_get(at, "B") ? sgf_get(at, "B") : sgf_get(at, "W");
        game_move move = raw ? sgf_parse_point(game, raw) : GAME_NO_MOVE;
        if (move < game->points)
            g_string_append_printf(out, "%d,%d,0\r\n", move % game->size + 1, move / game->size + 1);
    }
    for (int i = 0; i < 2; i++) {
        char *name = sgf_text(sgf_root(sgf), i ? "PW" : "PB");
        g_string_append_printf(out, "%s\r\n", name && *name ? name : "player");
        g_free(name);
    }
    g_string_append(out, "-1\r\n");
    bool fine = g_file_set_contents(path, out->str, (gssize)out->len, error);
    g_string_free(out, TRUE);
    return fine;
}
