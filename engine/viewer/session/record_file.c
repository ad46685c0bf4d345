#include "engine/viewer/session/record_file.h"

#include "games/game.h"
#include "games/record/psq.h"
#include "games/record/sgf.h"

static bool looks_like_psq(const char *bytes, size_t length)
{
    static const char magic[] = "Piskvorky ";
    return length >= strlen(magic) && memcmp(bytes, magic, strlen(magic)) == 0;
}

/* Converts a record to a line of moves, black first. Returns NULL with the error set if a move is illegal. */
static struct sgf *tree_of(const struct psq *psq, const char *name, GError **error)
{
    struct game game;
    union any_position at;
    if (!psq_game(psq, &game, error))
        return NULL;
    struct sgf *sgf = sgf_new();
    struct sgf_node *root = sgf_add(sgf->top), *node = root;
    sgf_write_game(root, &game);
    sgf_set_text(root, "PB", psq->names[0]);
    sgf_set_text(root, "PW", psq->names[1]);
    game_init(&game, &at.p);
    for (int i = 0; i < psq->count; i++) {
        if (!game.ops->legal(&game, &at.p, NULL, psq->moves[i].point)) {
            g_set_error(error, GAME_ERROR, GAME_ERROR_FILE, "%s: move %d is illegal", name, i + 1);
            sgf_free(sgf);
            return NULL;
        }
        node = sgf_add_move(node, &game, &at.p, psq->moves[i].point);
        game_play(&game, &at.p, NULL, psq->moves[i].point);
    }
    return sgf;
}

struct sgf *record_file_parse(const char *bytes, size_t length, const char *name, GError **error)
{
    struct psq psq;
    if (!looks_like_psq(bytes, length))
        return sgf_parse(bytes, length, name, error);
    if (!psq_parse(&psq, bytes, length, name, error))
        return NULL;
    struct sgf *sgf = tree_of(&psq, name, error);
    psq_clear(&psq);
    return sgf;
}

static bool save_psq(const struct sgf *sgf, const struct game *game, const char *path, GError **error)
{
    GArray *moves = g_array_new(FALSE, FALSE, sizeof(struct psq_move));
    if (!psq_supports(game)) {
        g_set_error(error, GAME_ERROR, GAME_ERROR_FILE, "%s: .psq supports Gomoku only; save as .sgf", path);
        g_array_unref(moves);
        return false;
    }
    for (const struct sgf_node *at = sgf_root(sgf); at; at = at->first_child) {
        const char *raw = sgf_get(at, "B") ? sgf_get(at, "B") : sgf_get(at, "W");
        struct psq_move move = {.point = raw ? sgf_parse_point(game, raw) : GAME_NO_MOVE};
        if (move.point < game->points)
            g_array_append_val(moves, move);
    }
    struct psq psq = {.size = game->width,
                      .count = (int)moves->len,
                      .moves = (struct psq_move *)(void *)g_array_free(moves, FALSE),
                      .names = {sgf_text(sgf_root(sgf), "PB"), sgf_text(sgf_root(sgf), "PW")},
                      .end_code = -1};
    char *text = psq_format(&psq);
    bool ok = g_file_set_contents(path, text, -1, error);
    psq_clear(&psq);
    g_free(text);
    return ok;
}

bool record_file_save(const struct sgf *sgf, const struct game *game, const char *path, GError **error)
{
    return g_str_has_suffix(path, ".psq") ? save_psq(sgf, game, path, error) : sgf_save(sgf, path, error);
}
