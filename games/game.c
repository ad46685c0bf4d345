/* What all games share: the table, histories, playing with history, moves and positions as text. */
#include "games/game.h"

#include "games/go/go.h"
#include "games/gomoku/gomoku.h"

const struct game_ops *const game_table[] = {&go_ops, &gomoku_ops, NULL};

void history_init(struct history *history, int capacity)
{
    *history = (struct history){.capacity = capacity > 16 ? capacity : 16};
    history->entries = g_new(struct history_entry, history->capacity);
}

void history_clear(struct history *history)
{
    g_free(history->entries);
    *history = (struct history){0};
}

static void reserve(struct history *history, int count)
{
    if (count <= history->capacity)
        return;
    history->capacity = count * 2;
    history->entries = g_renew(struct history_entry, history->entries, history->capacity);
}

void history_copy(struct history *to, const struct history *from)
{
    reserve(to, from->count);
    if (from->count)
        memcpy(to->entries, from->entries, (size_t)from->count * sizeof *from->entries);
    to->count = from->count;
    to->marks = from->marks;
    memcpy(to->seen, from->seen, sizeof to->seen);
}

static void mark(struct history *history, uint64_t stones_hash)
{
    history->seen[stones_hash >> 58] |= (uint64_t)1 << (stones_hash >> 52 & 63);
    history->marks++;
}

static void push(struct history *history, const struct history_entry *entry)
{
    reserve(history, history->count + 1);
    history->entries[history->count++] = *entry;
    mark(history, entry->stones_hash);
}

void history_push(struct history *history, const struct position *position)
{
    push(history, &(struct history_entry){.stones_hash = position->stones_hash, .colour = position->colour});
}

/* One bit in eight is set at most but for the entries' own: so the filter says "maybe" for no good reason that often.
 */
enum { MOST_STALE_MARKS = 512 };

void history_truncate(struct history *history, int count)
{
    history->count = count;
    if (history->marks - count <= MOST_STALE_MARKS)
        return;
    history->marks = 0;
    memset(history->seen, 0, sizeof history->seen);
    for (int i = 0; i < count; i++)
        mark(history, history->entries[i].stones_hash);
}

void game_play(const struct game *game, struct position *position, struct history *history, game_move move)
{
    if (!history) {
        game->ops->play(game, position, NULL, move);
        return;
    }
    struct history_entry before = {.stones_hash = position->stones_hash, .colour = position->colour};
    game->ops->play(game, position, history, move);
    push(history, &before);
}

bool game_try(const struct game *game, struct position *position, struct history *history, game_move move)
{
    if (move >= game->moves || !game->ops->legal(game, position, history, move))
        return false;
    game_play(game, position, history, move);
    return true;
}

void game_set_to_move(const struct game *game, struct position *position, enum game_colour colour)
{
    uint8_t stones[GAME_MAX_POINTS];
    for (int p = 0; p < game->points; p++)
        stones[p] = (uint8_t)game->ops->stone(game, position, p);
    game->ops->set_up(game, position, stones, colour, NULL); /* a board that is there can be there */
}

struct game_result game_result(const struct game *game, const struct position *position)
{
    struct game_result result = {0};
    game->ops->result(game, position, &result);
    return result;
}

int game_result_sign(const struct game_result *result, int player)
{
    if (result->outcome == GAME_WON_0 || result->outcome == GAME_WON_1)
        return (result->outcome == GAME_WON_1) == player ? 1 : -1;
    return 0;
}

const struct game_features *game_features_find(const struct game *game, const char *name)
{
    for (int i = 0; game->ops->features[i]; i++)
        if (strcmp(game->ops->features[i]->name, name) == 0)
            return game->ops->features[i];
    return NULL;
}

const struct game_features *game_features_newest(const struct game *game)
{
    return game->ops->features[0];
}

/* ---- text ---- */

static const char columns[] = "ABCDEFGHJKLMNOPQRSTUVWXYZ";

char *game_move_format(const struct game *game, game_move move, char *buffer)
{
    if (move < game->points)
        g_snprintf(buffer, GAME_MOVE_TEXT_MAX, "%c%d", columns[move % game->size], game->size - move / game->size);
    else if (move < game->moves)
        g_strlcpy(buffer, game->ops->other_moves[move - game->points], GAME_MOVE_TEXT_MAX);
    else
        g_strlcpy(buffer, "-", GAME_MOVE_TEXT_MAX);
    return buffer;
}

game_move game_move_parse(const struct game *game, const char *text)
{
    for (int i = game->points; i < game->moves; i++)
        if (g_ascii_strcasecmp(text, game->ops->other_moves[i - game->points]) == 0)
            return (game_move)i;
    const char *column = text[0] ? strchr(columns, g_ascii_toupper(text[0])) : NULL;
    if (!column || !g_ascii_isdigit(text[1]) || strlen(text) > 3 || (text[2] && !g_ascii_isdigit(text[2])))
        return GAME_NO_MOVE;
    int x = (int)(column - columns), y = game->size - atoi(text + 1);
    if (x >= game->size || y < 0 || y >= game->size)
        return GAME_NO_MOVE;
    return (game_move)(y * game->size + x);
}

static void print_columns(const struct game *game, FILE *out)
{
    fputs("   ", out);
    for (int x = 0; x < game->size; x++)
        fprintf(out, " %c", columns[x]);
    fputc('\n', out);
}

void game_print(const struct game *game, const struct position *position, FILE *out)
{
    int last = position->recent[0] < game->points ? position->recent[0] : -1;
    print_columns(game, out);
    for (int y = 0; y < game->size; y++) {
        fprintf(out, "%3d", game->size - y);
        for (int x = 0; x < game->size; x++) {
            int point = y * game->size + x;
            char before = point == last ? '(' : x && point - 1 == last ? ')' : ' ';
            fprintf(out, "%c%c", before, ".XO"[game->ops->stone(game, position, point)]);
        }
        fprintf(out, "%c%d\n", last == y * game->size + game->size - 1 ? ')' : ' ', game->size - y);
    }
    print_columns(game, out);
}
