#include "games/record/psq.h"

#include "games/gomoku/gomoku.h"

static bool G_GNUC_PRINTF(4, 5) fail(GError **error, const char *name, int line, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    char *message = g_strdup_vprintf(format, list);
    va_end(list);
    g_set_error(error, GAME_ERROR, GAME_ERROR_FILE, "%s, line %d: %s", name, line, message);
    g_free(message);
    return false;
}

/* Parses a whole line of separated whole numbers. Returns how many there are, or -1 if there is anything else in the
 * line or more than `max`. */
static int read_numbers(const char *text, char separator, int64_t *numbers, int max)
{
    int count = 0;
    for (;;) {
        char *end;
        if (count == max || !g_ascii_isdigit(*text))
            return -1;
        numbers[count++] = g_ascii_strtoll(text, &end, 10);
        text = end + strspn(end, " \t\r");
        if (!*text)
            return count;
        if (*text++ != separator)
            return -1;
        text += strspn(text, " \t");
    }
}

/* "Piskvorky 15x15, 11:11, 1" */
static bool read_head(struct psq *psq, const char *line, const char *name, GError **error)
{
    static const char title[] = "Piskvorky ";
    if (!line || strncmp(line, title, strlen(title)) != 0)
        return fail(error, name, 1, "a record must begin like \"Piskvorky 15x15\"");
    int64_t sides[2];
    char *size = g_strndup(line + sizeof title - 1, strcspn(line + sizeof title - 1, ", "));
    int count = read_numbers(size, 'x', sides, 2);
    g_free(size);
    if (count != 2 || sides[0] != sides[1] || sides[0] < 3 || sides[0] > GAME_MAX_SIZE)
        return fail(error, name, 1, "the board must be a square from 3x3 to %dx%d", GAME_MAX_SIZE, GAME_MAX_SIZE);
    psq->size = (int)sides[0];
    return true;
}

/* Adds a move. *is_move becomes false for a line that is not a move, which ends the list of moves. */
static bool read_move(struct psq *psq, bool *taken, const char *line, int number, bool *is_move, const char *name,
                      GError **error)
{
    int64_t parts[3] = {0};
    int count = read_numbers(line, ',', parts, 3);
    *is_move = count >= 2;
    if (!*is_move)
        return true;
    if (parts[0] < 1 || parts[0] > psq->size || parts[1] < 1 || parts[1] > psq->size)
        return fail(error, name, number, "%.20s is not on the %dx%d board (columns and rows are counted from 1)", line,
                    psq->size, psq->size);
    game_move point = (game_move)((parts[1] - 1) * psq->size + parts[0] - 1);
    if (taken[point])
        return fail(error, name, number, "%.20s is already occupied", line);
    taken[point] = true;
    psq->moves[psq->count++] = (struct psq_move){point, count == 3 ? parts[2] : 0};
    return true;
}

static bool read_lines(struct psq *psq, char **lines, const char *name, GError **error)
{
    bool taken[GAME_MAX_POINTS] = {false}, is_move = true;
    int at = 1;
    if (!read_head(psq, lines[0], name, error))
        return false;
    for (; lines[at]; at++) {
        if (!read_move(psq, taken, lines[at], at + 1, &is_move, name, error))
            return false;
        if (!is_move)
            break;
    }
    for (int side = 0; side < 2 && lines[at] && *lines[at]; side++, at++)
        psq->names[side] = g_strchug(g_strdup(lines[at]));
    int64_t code;
    if (lines[at] && *lines[at]) {
        if (read_numbers(lines[at], ',', &code, 1) != 1 || code > 1000)
            return fail(error, name, at + 1, "\"%.40s\" is neither a move nor the number that says how the game ended",
                        lines[at]);
        psq->end_code = (int)code;
    }
    return true;
}

bool psq_parse(struct psq *out, const char *bytes, size_t length, const char *name, GError **error)
{
    *out = (struct psq){.end_code = -1};
    if (length > PSQ_MAX_BYTES || memchr(bytes, '\0', length)) {
        g_set_error(error, GAME_ERROR, GAME_ERROR_FILE, "%s: not a text file of at most %d bytes", name, PSQ_MAX_BYTES);
        return false;
    }
    char *text = g_strndup(bytes, length), *valid = g_utf8_make_valid(text, -1);
    char **lines = g_strsplit(valid, "\n", -1);
    for (int i = 0; lines[i]; i++)
        g_strchomp(lines[i]);
    out->moves = g_new0(struct psq_move, GAME_MAX_POINTS);
    bool fine = read_lines(out, lines, name, error);
    g_strfreev(lines);
    g_free(valid);
    g_free(text);
    if (!fine)
        psq_clear(out);
    return fine;
}

bool psq_game(const struct psq *psq, struct game *game, GError **error)
{
    char spec[32];
    g_snprintf(spec, sizeof spec, "%s:%d", gomoku_ops.name, psq->size);
    return game_parse(game, spec, error);
}

bool psq_supports(const struct game *game)
{
    return game->ops == &gomoku_ops;
}

void psq_clear(struct psq *psq)
{
    g_free(psq->moves);
    g_free(psq->names[0]);
    g_free(psq->names[1]);
    *psq = (struct psq){.end_code = -1};
}

/* Writes a player's name. A name that could be read as a move is preceded by a blank. */
static void append_name(GString *out, const char *name)
{
    int64_t numbers[3];
    char *line = g_strdelimit(g_strdup(name && *name ? name : "unknown"), "\r\n", ' ');
    g_string_append_printf(out, "%s%s\n", read_numbers(line, ',', numbers, 3) >= 2 ? " " : "", line);
    g_free(line);
}

char *psq_format(const struct psq *psq)
{
    GString *out = g_string_new(NULL);
    g_string_printf(out, "Piskvorky %dx%d, 11:11, 0\n", psq->size, psq->size);
    for (int i = 0; i < psq->count; i++)
        g_string_append_printf(out, "%d,%d,%" G_GINT64_FORMAT "\n", psq->moves[i].point % psq->size + 1,
                               psq->moves[i].point / psq->size + 1, psq->moves[i].time_ms);
    for (int side = 0; side < 2; side++)
        append_name(out, psq->names[side]);
    g_string_append_printf(out, "%d\n", MAX(psq->end_code, 0));
    return g_string_free(out, FALSE);
}
