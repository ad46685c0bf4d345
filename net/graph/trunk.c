/* Parses the text of a trunk: a list of blocks, or the short form "5x64". */
#include "net/graph/blocks/blocks.h"
#include "net/graph/blocks/modifiers.h"
#include "net/graph/graph.h"
#include "net/net.h"

#include <stdio.h>
#include <string.h>

const char net_trunk_separators[] = " ,\t\n";

struct piece {
    const struct net_block *block;
    int channels;
    struct net_modifiers modifiers;
};

static void refuse_word(const char *word, GError **error)
{
    GString *help = g_string_new(NULL);
    for (int i = 0; net_blocks[i]; i++)
        g_string_append_printf(help, "%s%s:CHANNELS (%s)", i ? ", " : "", net_blocks[i]->name, net_blocks[i]->help);
    g_set_error(error, NET_ERROR, NET_ERROR_SPEC, "unknown block \"%s\" in the trunk; the blocks are %s", word,
                help->str);
    g_string_free(help, TRUE);
}

static bool piece_parse(const char *word, struct piece *piece, GError **error)
{
    const char *colon = strchr(word, ':');
    piece->block = NULL;
    for (int i = 0; colon && net_blocks[i]; i++)
        if (strlen(net_blocks[i]->name) == (size_t)(colon - word) &&
            memcmp(net_blocks[i]->name, word, (size_t)(colon - word)) == 0)
            piece->block = net_blocks[i];
    if (!piece->block) {
        refuse_word(word, error);
        return false;
    }
    guint64 channels;
    size_t digits = strcspn(colon + 1, "+");
    char *number = g_strndup(colon + 1, digits);
    bool good = g_ascii_string_to_unsigned(number, 10, 4, NET_MAX_CHANNELS, &channels, NULL);
    g_free(number);
    if (!good) {
        g_set_error(error, NET_ERROR, NET_ERROR_SPEC, "block \"%s\" needs 4 to %d channels, as in \"%s:64\"", word,
                    NET_MAX_CHANNELS, piece->block->name);
        return false;
    }
    piece->channels = (int)channels;
    return net_modifiers_parse(colon + 1 + digits, piece->block, piece->channels, word,
                               &piece->modifiers, error);
}

static bool order_check(const struct piece *pieces, int count, GError **error)
{
    if (count == 0 || pieces[0].block != net_blocks[0]) {
        g_set_error(error, NET_ERROR, NET_ERROR_SPEC, "a trunk must begin with a conv block, as in \"conv:64 res:64\"");
        return false;
    }
    for (int i = 0; i + 1 < count; i++)
        if (pieces[i].block->ends) {
            g_set_error(error, NET_ERROR, NET_ERROR_SPEC, "block %d, \"%s:%d\", must be the last block of the trunk",
                        i + 1, pieces[i].block->name, pieces[i].channels);
            return false;
        }
    for (int i = 1; i < count; i++)
        for (int j = 0; pieces[i].block->once && j < i; j++)
            if (pieces[j].block == pieces[i].block) {
                g_set_error(error, NET_ERROR, NET_ERROR_SPEC,
                            "blocks %d and %d are both \"%s\"; a trunk may have at most one", j + 1, i + 1,
                            pieces[i].block->name);
                return false;
            }
    for (int i = 1; i < count; i++)
        if (pieces[i].block->residual && pieces[i].channels != pieces[i - 1].channels) {
            g_set_error(error, NET_ERROR, NET_ERROR_SPEC,
                        "block %d, \"%s:%d\", is residual and must have the %d channels of the block before it, or "
                        "follow a conv:%d",
                        i + 1, pieces[i].block->name, pieces[i].channels, pieces[i - 1].channels, pieces[i].channels);
            return false;
        }
    return true;
}

/* pieces: NET_TRUNK_MAX / 2 entries, enough for any text. Returns their number, or -1 on error. */
static int trunk_parse(const char *text, struct piece *pieces, GError **error)
{
    char **words = g_strsplit_set(text, net_trunk_separators, -1);
    int count = 0;
    bool good = true;
    for (int i = 0; words[i] && good; i++)
        if (words[i][0] && (good = piece_parse(words[i], &pieces[count], error)))
            count++;
    g_strfreev(words);
    return good && order_check(pieces, count, error) ? count : -1;
}

/* Whether block b can take over the weights of block a: it is of the same kind and size, or of a kind that continues a's. */
static bool same_piece(const struct piece *a, const struct piece *b)
{
    if (g_strcmp0(b->block->continues, a->block->name) == 0)
        return a->channels == b->channels;
    return a->block == b->block && a->channels == b->channels && a->modifiers.heads == b->modifiers.heads &&
           a->modifiers.state == b->modifiers.state && a->modifiers.experts == b->modifiers.experts;
}

int net_trunk_match(const char *from, const char *to, int *match)
{
    struct piece old[NET_TRUNK_MAX / 2], new[NET_TRUNK_MAX / 2];
    int olds = trunk_parse(from, old, NULL), news = trunk_parse(to, new, NULL), at = 0;
    for (int i = 0; i < news; i++) {
        bool same = at < olds && same_piece(&old[at], &new[i]);
        if (!same && !new[i].block->grows && !new[i].block->last)
            return -1;
        match[i] = same ? at++ : -1;
    }
    return at == olds ? news : -1;
}

int net_trunk_moves(const char *trunk)
{
    struct piece pieces[NET_TRUNK_MAX / 2];
    int count = trunk_parse(trunk, pieces, NULL), moves = 0;
    for (int i = 0; i < count; i++)
        moves = MAX(moves, pieces[i].modifiers.moves);
    return moves;
}

bool net_trunk_emit(struct net_graph *graph, int *x, GError **error)
{
    struct piece pieces[NET_TRUNK_MAX / 2];
    int count = trunk_parse(graph->info.trunk, pieces, error);
    if (count < 0)
        return false;
    struct net_builder builder = {.graph = graph, .x = graph->planes};
    for (int i = 0; i < count; i++)
        builder.residuals += pieces[i].block->residual;
    graph->blocks = count;
    for (int i = 0; i < count; i++) {
        if (graph->ops + 2 * NET_MAX_BLOCK_OPS > NET_MAX_OPS) { /* this block and the heads */
            g_set_error(error, NET_ERROR, NET_ERROR_SPEC, "the trunk is too long: only the first %d blocks fit", i);
            return false;
        }
        int before = graph->ops;
        graph->block = i;
        g_snprintf(builder.name, sizeof builder.name, "%d.%s", i, pieces[i].block->name);
        builder.modifiers = pieces[i].modifiers;
        pieces[i].block->emit(&builder, pieces[i].channels);
        g_assert(graph->ops - before <= NET_MAX_BLOCK_OPS);
    }
    *x = builder.x;
    return true;
}

/* "5x64": five residual blocks, every third with global pooling, starting with the second; each with these modifiers, ""
 * or "+drop=0.1". */
static char *shape_expand(int count, int channels, const char *modifiers)
{
    GString *trunk = g_string_new(NULL);
    g_string_printf(trunk, "conv:%d", channels);
    for (int i = 0; i < count; i++)
        g_string_append_printf(trunk, " %s:%d%s", i % 3 == 1 ? "gpool" : "res", channels, modifiers);
    return g_string_free(trunk, FALSE);
}

static bool list_check(const char *list, char *trunk, GError **error)
{
    struct piece pieces[NET_TRUNK_MAX / 2];
    if (strlen(list) >= NET_TRUNK_MAX) {
        g_set_error(error, NET_ERROR, NET_ERROR_SPEC, "the trunk is longer than %d characters", NET_TRUNK_MAX - 1);
        return false;
    }
    if (trunk_parse(list, pieces, error) < 0)
        return false;
    g_strlcpy(trunk, list, NET_TRUNK_MAX);
    g_strdelimit(trunk, net_trunk_separators, ' ');
    return true;
}

bool net_expand_shape(const char *shape, char *trunk, GError **error)
{
    trunk[0] = 0;
    if (strchr(shape, ':'))
        return list_check(shape, trunk, error);
    int count, channels, end = 0;
    if (sscanf(shape, "%3dx%4d%n", &count, &channels, &end) != 2 || (shape[end] && shape[end] != '+') ||
        count < (shape[end] ? 1 : 0) || count > 40 || channels < 4 || channels > NET_MAX_CHANNELS) {
        g_set_error(error, NET_ERROR, NET_ERROR_SPEC,
                    "net shape \"%s\": write BLOCKSxCHANNELS, as in 5x64 (blocks 0 to 40, channels 4 to %d), or a list "
                    "of blocks, as in \"conv:64 res:64 gpool:64\"",
                    shape, NET_MAX_CHANNELS);
        return false;
    }
    char *list = shape_expand(count, channels, shape + end);
    bool good = list_check(list, trunk, error);
    g_free(list);
    return good;
}
