/* Openings from files: text in the notations that engines and tournaments use, Piskvork's games, SGF. */
#include <stdio.h>
#include <stdlib.h>

#include "agents/agent.h"
#include "engine/match/game.h"
#include "engine/match/openings.h"
#include "games/game.h"
#include "games/record/psq.h"
#include "games/record/sgf.h"

/* Every opening is replayed: false at an illegal move, and `*wrong` is then its index, or at one that is decided. */
static bool is_playable(const struct game *game, const struct match_opening *opening, int *wrong, bool *over)
{
    union any_position at;
    struct history history;
    bool legal = true;
    game_init(game, &at.p);
    history_init(&history, MATCH_MAX_OPENING);
    for (int i = 0; legal && i < opening->count; i++) {
        legal = opening->moves[i] != GAME_NO_MOVE && !game_over(&at.p) &&
                game_try(game, &at.p, &history, opening->moves[i]);
        *wrong = i;
    }
    *over = legal && game_over(&at.p);
    history_clear(&history);
    return legal && !*over;
}

/* ---- text: one opening per line, in one of several notations ---- */

static game_move at_point(const struct game *game, int x, int y)
{
    bool inside = x >= 0 && x < game->width && y >= 0 && y < game->height;
    return inside ? (game_move)(y * game->width + x) : GAME_NO_MOVE;
}

/* A letter and a number, at *at, which moves past them. The columns of Gomoku programs run from a to t and include i. */
static game_move take_point(const struct game *game, const char **at)
{
    int x = g_ascii_tolower(**at) - 'a';
    char *end;
    if (!g_ascii_isalpha(**at) || !g_ascii_isdigit((*at)[1]))
        return GAME_NO_MOVE;
    long row = strtol(*at + 1, &end, 10);
    *at = end;
    return row >= 1 && row <= game->height ? at_point(game, x, game->height - (int)row) : GAME_NO_MOVE;
}

struct line {
    struct match_opening opening;
    char **words;
    GPtrArray *texts; /* of each move, for messages */
};

static bool add_move(struct line *line, game_move move, const char *text)
{
    if (line->opening.count == MATCH_MAX_OPENING)
        return false;
    line->opening.moves[line->opening.count++] = move;
    g_ptr_array_add(line->texts, g_strdup(text));
    return true;
}

/* Moves as this program prints them: D4 E5 pass. */
static bool read_words(const struct game *game, struct line *line)
{
    for (int w = 0; line->words[w]; w++)
        if (!add_move(line, game_move_parse(game, line->words[w]), line->words[w]))
            return false;
    return true;
}

/* Offsets from the centre, x and y in turn, as Gomocup publishes its openings: 8,-3, 6,-4. */
static bool read_offsets(const struct game *game, struct line *line)
{
    for (int w = 0; line->words[w] && line->words[w + 1]; w += 2) {
        int x = game->width / 2 + atoi(line->words[w]), y = game->height / 2 + atoi(line->words[w + 1]);
        char *text = g_strdup_printf("%s,%s", line->words[w], line->words[w + 1]);
        bool added = add_move(line, at_point(game, x, y), text);
        g_free(text);
        if (!added)
            return false;
    }
    return true;
}

/* One word of moves without gaps, as Yixin's board and Rapfi write positions: h8i9j8. */
static bool read_run(const struct game *game, struct line *line)
{
    for (const char *at = line->words[0]; *at;) {
        const char *from = at;
        game_move move = take_point(game, &at);
        char *text = at > from ? g_strndup(from, (gsize)(at - from)) : g_strdup(from);
        bool added = add_move(line, move, text);
        g_free(text);
        if (!added)
            return false;
        if (move == GAME_NO_MOVE)
            break;
    }
    return true;
}

static bool is_number(const char *word)
{
    char *end;
    strtol(word, &end, 10);
    return end > word && !*end;
}

static bool is_run(const struct game *game, const struct line *line)
{
    const char *word = line->words[0], *second = word + 1 + strspn(word + 1, "0123456789");
    return !line->words[1] && g_ascii_isalpha(word[0]) && g_ascii_isdigit(word[1]) && g_ascii_isalpha(*second) &&
           game_move_parse(game, word) == GAME_NO_MOVE;
}

static bool are_offsets(const struct line *line)
{
    guint count = g_strv_length(line->words);
    for (guint w = 0; w < count; w++)
        if (!is_number(line->words[w]))
            return false;
    return count % 2 == 0;
}

/* The words without the empty ones between several separators. */
static char **split(const char *text)
{
    GStrvBuilder *builder = g_strv_builder_new();
    char **all = g_strsplit_set(text, " \t,", -1);
    for (int i = 0; all[i]; i++)
        if (*all[i])
            g_strv_builder_add(builder, all[i]);
    g_strfreev(all);
    char **words = g_strv_builder_end(builder);
    g_strv_builder_unref(builder);
    return words;
}

/* Reads one line without its comment; an empty one adds nothing. */
static bool read_line(const struct game *game, const char *path, int number, const char *text, GArray *all, GError **error)
{
    struct line line = {.words = split(text), .texts = g_ptr_array_new_with_free_func(g_free)};
    char spec[GAME_SPEC_MAX];
    int wrong = 0;
    bool over = false, fine = true;
    if (line.words[0]) {
        bool fits = are_offsets(&line)      ? read_offsets(game, &line)
                    : is_run(game, &line)   ? read_run(game, &line)
                                            : read_words(game, &line);
        fine = fits && is_playable(game, &line.opening, &wrong, &over);
        if (!fits)
            g_set_error(error, AGENT_ERROR, AGENT_ERROR_SPEC, "%s, line %d: an opening has at most %d moves", path, number,
                        MATCH_MAX_OPENING);
        else if (over)
            g_set_error(error, AGENT_ERROR, AGENT_ERROR_SPEC,
                        "%s, line %d: the game is over after this opening; give one that leaves something to play", path,
                        number);
        else if (!fine)
            g_set_error(error, AGENT_ERROR, AGENT_ERROR_SPEC,
                        "%s, line %d: \"%.20s\" is not legal here in %s; a line lists moves such as D4 E5 (at most %d)",
                        path, number, (const char *)line.texts->pdata[wrong], game_format(game, spec), MATCH_MAX_OPENING);
        if (fine)
            g_array_append_val(all, line.opening);
    }
    g_strfreev(line.words);
    g_ptr_array_unref(line.texts);
    return fine;
}

static bool read_text(const struct game *game, const char *path, const char *text, GArray *all, GError **error)
{
    char **lines = g_strsplit(text, "\n", -1);
    bool fine = true;
    for (int l = 0; fine && lines[l]; l++) {
        lines[l][strcspn(lines[l], "#\r")] = '\0';
        fine = read_line(game, path, l + 1, lines[l], all, error);
    }
    g_strfreev(lines);
    return fine;
}

/* ---- a game of Piskvork: its moves, truncated ---- */

static bool read_psq(const struct game *game, const char *path, const char *text, int plies, GArray *all, GError **error)
{
    struct psq psq;
    struct match_opening opening = {.count = 0};
    int wrong = 0;
    bool over = false;
    if (!psq_parse(&psq, text, strlen(text), path, error))
        return false;
    bool fine = psq.size == game->width && psq.size == game->height;
    if (!fine)
        g_set_error(error, AGENT_ERROR, AGENT_ERROR_SPEC, "%s: a game on a board of %dx%d; give openings for that board",
                    path, psq.size, psq.size);
    for (int i = 0; fine && i < MIN(psq.count, MIN(plies, MATCH_MAX_OPENING)); i++)
        opening.moves[opening.count++] = psq.moves[i].point;
    if (fine && !is_playable(game, &opening, &wrong, &over)) {
        g_set_error(error, AGENT_ERROR, AGENT_ERROR_SPEC, "%s: %s; --opening-plies truncates", path,
                    over ? "the game is over after its last move" : "it contains an illegal move");
        fine = false;
    }
    if (fine)
        g_array_append_val(all, opening);
    psq_clear(&psq);
    return fine;
}

/* ---- SGF: every branch ---- */

/* Reads the first `plies` moves on the path from the root to a leaf. */
static bool read_branch(const struct game *game, const char *path, struct sgf_node *leaf, int plies, GArray *all,
                        GError **error)
{
    struct match_opening opening = {.count = 0};
    struct history history;
    union any_position at;
    GPtrArray *nodes = g_ptr_array_new();
    bool ok = true;
    char text[GAME_MOVE_TEXT_MAX];
    for (struct sgf_node *node = leaf; node->parent; node = node->parent)
        g_ptr_array_insert(nodes, 0, node);
    game_init(game, &at.p);
    history_init(&history, MATCH_MAX_OPENING);
    for (guint i = 0; ok && i < nodes->len && opening.count < plies; i++) {
        const struct sgf_node *node = nodes->pdata[i];
        bool white = sgf_find(node, "W") != NULL;
        if (sgf_step(node) == SGF_NOTHING ||
            (node == nodes->pdata[0] && sgf_step(node) == SGF_SETUP && at.p.colour == GAME_WHITE))
            continue; /* handicap stones belong to the game */
        const char *raw = sgf_get(node, white ? "W" : "B");
        game_move move = raw ? sgf_parse_point(game, raw) : GAME_NO_MOVE;
        ok = sgf_step(node) == SGF_MOVE && move != GAME_NO_MOVE && white == (at.p.colour == GAME_WHITE) &&
             opening.count < MATCH_MAX_OPENING && game_try(game, &at.p, &history, move);
        if (ok)
            opening.moves[opening.count++] = move;
        else if (sgf_step(node) != SGF_MOVE)
            g_set_error(error, AGENT_ERROR, AGENT_ERROR_SPEC,
                        "%s, line %d, column %d: openings must consist of moves, without set-up stones", path,
                        node->line, node->column);
        else
            g_set_error(
                error, AGENT_ERROR, AGENT_ERROR_SPEC,
                "%s, line %d, column %d: %s %s is illegal, or move %d of an opening (at most %d; --opening-plies "
                "truncates longer games)",
                path, node->line, node->column, white ? "white" : "black",
                move == GAME_NO_MOVE ? "?" : game_move_format(game, move, text), opening.count + 1, MATCH_MAX_OPENING);
    }
    history_clear(&history);
    g_ptr_array_unref(nodes);
    if (ok && opening.count)
        g_array_append_val(all, opening);
    return ok;
}

/* Every branch of every game in the file is an opening. */
static bool read_sgf(const struct game *game, const char *path, int plies, GArray *all, GError **error)
{
    struct sgf *sgf = sgf_load(path, error);
    bool ok = sgf != NULL;
    for (struct sgf_node *root = ok ? sgf_root(sgf) : NULL; ok && root; root = root->next) {
        struct game of;
        char here[GAME_SPEC_MAX], there[GAME_SPEC_MAX];
        ok = sgf_read_game(root, game, &of, error);
        if (ok && (of.ops != game->ops || of.width != game->width || of.height != game->height)) {
            g_set_error(error, AGENT_ERROR, AGENT_ERROR_SPEC,
                        "%s, line %d: openings for %s, but the match plays %s; give openings for that board", path,
                        root->line, game_format(&of, there), game_format(game, here));
            ok = false;
        }
        for (struct sgf_node *node = root; ok && node; node = sgf_next(root, node))
            if (!node->first_child)
                ok = read_branch(game, path, node, plies, all, error);
    }
    int count = 0;
    const char *const *repairs = ok ? sgf_notes(sgf, &count) : NULL;
    for (int i = 0; i < count; i++)
        fprintf(stderr, "tengen match: %s: %s\n", path, repairs[i]);
    sgf_free(sgf);
    return ok;
}

static bool read_other(const struct game *game, const char *path, int plies, GArray *all, GError **error)
{
    static const char mark[] = "\xef\xbb\xbf"; /* which Notepad writes */
    char *bytes;
    if (!g_file_get_contents(path, &bytes, NULL, error))
        return false;
    const char *text = g_str_has_prefix(bytes, mark) ? bytes + strlen(mark) : bytes;
    bool fine = g_str_has_prefix(text, "Piskvorky") ? read_psq(game, path, text, plies, all, error)
                                                    : read_text(game, path, text, all, error);
    g_free(bytes);
    return fine;
}

bool match_read_openings(const struct game *game, const char *path, int plies, struct match_opening **openings,
                         int *count, GError **error)
{
    GArray *all = g_array_new(FALSE, FALSE, sizeof(struct match_opening));
    char *lower = g_ascii_strdown(path, -1);
    bool ok = g_str_has_suffix(lower, ".sgf")
                  ? read_sgf(game, path, plies < 0 ? MATCH_MAX_OPENING + 1 : plies, all, error)
                  : read_other(game, path, plies < 0 ? MATCH_MAX_OPENING : plies, all, error);
    g_free(lower);
    if (ok && all->len == 0) {
        g_set_error(error, AGENT_ERROR, AGENT_ERROR_SPEC,
                    "--openings: %s has no openings; a line lists moves such as D4 E5", path);
        ok = false;
    }
    *count = ok ? (int)all->len : 0;
    *openings = (struct match_opening *)(void *)g_array_free(all, !ok);
    return ok;
}
