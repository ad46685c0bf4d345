/* The graph of win rate and score over the game, and the tree of variations. */
#include <math.h>

#include "engine/viewer/draw/canvas/canvas.h"
#include "engine/viewer/draw/play/app.h"
#include "engine/viewer/draw/shell.h"
#include "engine/viewer/draw/widgets/ui.h"
#include "engine/viewer/session/session.h"
#include "engine/viewer/text.h"
#include "games/game.h"
#include "games/record/sgf.h"

enum { MAX_NODES = 4000 };

/* Collects the line through the node shown, from the root to the end of its main continuation. Returns its length, at
 * most `max`. */
static int collect_line(const struct session *session, struct sgf_node **line, int max)
{
    int depth = session_depth(session->node), count = MIN(depth + 1, max);
    struct sgf_node *at = session->node;
    for (int i = depth; at->parent; i--, at = at->parent)
        if (i < max)
            line[i] = at;
    for (at = session->node->first_child; at && count < max; at = at->first_child)
        line[count++] = at;
    return count;
}

struct graph {
    struct rect rect;
    int count;
    float max_score; /* at the edge of the graph */
};

static SDL_FPoint graph_point(const struct graph *graph, int i, float up)
{
    float w = graph->rect.w * (float)i / (float)MAX(graph->count - 1, 1);
    return (SDL_FPoint){graph->rect.x + w, graph->rect.y + graph->rect.h * (0.5f - 0.48f * CLAMP(up, -1, 1))};
}

static void draw_curve(struct app *app, const struct graph *graph, struct sgf_node *const *line, bool score,
                       struct colour colour)
{
    SDL_FPoint points[MAX_NODES];
    int n = 0;
    float u = canvas_u(app->shell.canvas);
    for (int i = 0; i < graph->count; i++) {
        const struct session_note *note = session_note(app->session, line[i]);
        if (!note)
            continue;
        points[n++] = graph_point(graph, i, score ? note->black_lead / graph->max_score : 2 * note->black_win - 1);
    }
    if (n >= 2)
        canvas_polyline(app->shell.canvas, points, n, score ? 1.3f * u : 2 * u, colour);
    else if (n == 1)
        canvas_circle(app->shell.canvas, points[0].x, points[0].y, 2.5f * u, colour);
}

static void draw_blunders(struct app *app, const struct graph *graph, struct sgf_node *const *line)
{
    const struct theme *theme = app->shell.ui.theme;
    float u = canvas_u(app->shell.canvas), loss;
    for (int i = 1; i < graph->count; i++) {
        if (!session_blunder(app->session, line[i], 0.1f, &loss))
            continue;
        const struct session_note *note = session_note(app->session, line[i]);
        SDL_FPoint at = graph_point(graph, i, 2 * note->black_win - 1);
        canvas_circle(app->shell.canvas, at.x, at.y, (loss > 0.25f ? 4.5f : 3.3f) * u,
                      loss > 0.25f ? theme->bad : theme->warn);
    }
}

void graph_draw(struct app *app, struct rect area)
{
    static struct sgf_node *line[MAX_NODES]; /* there is one window and one thread */
    const struct session *session = app->session;
    const struct theme *theme = app->shell.ui.theme;
    float u = canvas_u(app->shell.canvas);
    struct graph graph = {
        .rect = rect_inset(area, 6 * u), .count = collect_line(session, line, MAX_NODES), .max_score = 10};
    canvas_round(app->shell.canvas, area, 6 * u, theme->card);
    canvas_frame(app->shell.canvas, area, 6 * u, u, theme->border);
    canvas_line(app->shell.canvas, graph.rect.x, area.y + area.h / 2, graph.rect.x + graph.rect.w, area.y + area.h / 2,
                u, theme->border);
    bool any = false;
    for (int i = 0; i < graph.count; i++) {
        const struct session_note *note = session_note(session, line[i]);
        any |= note != NULL;
        if (note)
            graph.max_score = fmaxf(graph.max_score, fabsf(note->black_lead) * 1.1f);
    }
    if (!any)
        canvas_text(app->shell.canvas, area.x + area.w / 2, area.y + area.h / 2 - 9 * u, TEXT_SMALL, TEXT_CENTRE,
                    graph.rect.w, theme->muted, _("Win rate over the game, once analysed"));
    if (session->game.has_score)
        draw_curve(app, &graph, line, true, colour_fade(theme->warn, 0.75f));
    draw_curve(app, &graph, line, false, theme->text);
    draw_blunders(app, &graph, line);
    float x = graph_point(&graph, session_depth(session->node), 0).x;
    canvas_line(app->shell.canvas, x, area.y + 3 * u, x, area.y + area.h - 3 * u, u, theme->accent);
    int all, noted = session_noted(session, &all);
    struct rect sweep = {area.x + area.w - 30 * u, area.y + 3 * u, 27 * u, 24 * u};
    if (all > 1 && (noted < all - 1 || session->sweeping)) {
        if (ui_icon_button(&app->shell.ui, sweep, session->sweeping ? ICON_PAUSE : ICON_EYE, true, session->sweeping,
                           _("Analyse the whole game (F2)")))
            session_sweep(app->session);
        if (ui_hovers(&app->shell.ui, sweep))
            return;
    }
    ui_tip(&app->shell.ui, area,
           _("Black's win rate (dark) and lead (amber); dots are mistakes. N: next mistake; click: go to a move"));
    if (ui_clicked(&app->shell.ui, area) && graph.count > 1) {
        int i = (int)roundf((app->shell.ui.x - graph.rect.x) / graph.rect.w * (float)(graph.count - 1));
        session_go(app->session, line[CLAMP(i, 0, graph.count - 1)]);
    }
}

/* ---- tree ---- */

enum { MAX_LAID_OUT = 20000 };

struct tree_layout {
    GHashTable *places; /* node -> column * 65536 + row + 1 */
    GArray *next_row;   /* by column: the first free row */
    int columns;
};

/* Returns false for a node that was not laid out. */
static bool find_place(const struct tree_layout *layout, const struct sgf_node *node, int *column, int *row)
{
    int packed = GPOINTER_TO_INT(g_hash_table_lookup(layout->places, node));
    *column = packed / 65536;
    *row = packed % 65536 - 1;
    return packed != 0;
}

/* Places nodes depth first: main lines are straight; a variation gets the first row below its parent that is free over
 * its whole length. */
static void lay_out(struct tree_layout *layout, struct sgf_node *root)
{
    struct stack_entry {
        struct sgf_node *node;
        int column, row;
    };
    GArray *stack = g_array_new(FALSE, FALSE, sizeof(struct stack_entry));
    struct stack_entry first = {root, 0, 0};
    g_array_append_val(stack, first);
    int count = 0;
    while (stack->len && count < MAX_LAID_OUT) {
        struct stack_entry at = g_array_index(stack, struct stack_entry, stack->len - 1);
        g_array_set_size(stack, stack->len - 1);
        /* The row must be free in all columns of the line. */
        int length = 0, row = at.row;
        for (struct sgf_node *n = at.node; n; n = n->first_child)
            length++;
        if ((int)layout->next_row->len < at.column + length)
            g_array_set_size(layout->next_row, (guint)(at.column + length));
        for (int c = MAX(at.column - 1, 0); c < at.column + length; c++)
            row = MAX(row, g_array_index(layout->next_row, int, c));
        int column = at.column;
        for (struct sgf_node *n = at.node; n; n = n->first_child, column++, count++) {
            g_hash_table_insert(layout->places, n, GINT_TO_POINTER(column * 65536 + row + 1));
            g_array_index(layout->next_row, int, column) = row + 1;
        }
        layout->columns = MAX(layout->columns, column);
        /* Variations of later nodes are pushed last, so that they are placed first, closest to the line. */
        column = at.column;
        for (struct sgf_node *n = at.node; n; n = n->first_child, column++)
            for (struct sgf_node *v = n->first_child ? n->last_child : NULL; v && v != n->first_child;
                 v = v->previous) {
                struct stack_entry more = {v, column + 1, row + 1};
                g_array_append_val(stack, more);
            }
    }
    g_array_unref(stack);
}

static void draw_tree_node(struct app *app, struct sgf_node *node, float x, float y, float r)
{
    const struct theme *theme = app->shell.ui.theme;
    float loss;
    if (node == app->session->node)
        canvas_circle(app->shell.canvas, x, y, r * 1.5f, theme->accent);
    if (session_blunder(app->session, node, 0.1f, &loss))
        canvas_ring(app->shell.canvas, x, y, r * 1.45f, r * 0.35f, loss > 0.25f ? theme->bad : theme->warn);
    if (sgf_find(node, "B") || sgf_find(node, "W"))
        canvas_stone(app->shell.canvas, roundf(x), roundf(y), r, sgf_find(node, "B") != NULL, 1);
    else
        canvas_round(app->shell.canvas, (struct rect){x - r * 0.7f, y - r * 0.7f, r * 1.4f, r * 1.4f}, r * 0.3f,
                     theme->muted);
    if (sgf_find(node, "C"))
        canvas_circle(app->shell.canvas, x + r * 0.9f, y - r * 0.9f, r * 0.4f, theme->good);
}

void tree_draw(struct app *app, struct rect area)
{
    const struct theme *theme = app->shell.ui.theme;
    float u = canvas_u(app->shell.canvas), step = 24 * u, r = 8 * u;
    struct session *session = app->session;
    struct tree_layout layout = {g_hash_table_new(g_direct_hash, g_direct_equal), g_array_new(FALSE, TRUE, sizeof(int)),
                                 0};
    struct rect row = {area.x, area.y + area.h - 28 * u, area.w, 28 * u};
    area.h -= 34 * u;
    if (area.h > step) {
        lay_out(&layout, session->root);
        int depth, shown;
        find_place(&layout, session->node, &depth, &shown);
        float x0 = area.x + step, y0 = area.y + step * 0.8f;
        x0 -= fmaxf(0, (float)depth * step - area.w * 0.6f);
        y0 -= fmaxf(0, (float)shown * step - area.h * 0.55f);
        canvas_round(app->shell.canvas, area, 6 * u, theme->card);
        canvas_frame(app->shell.canvas, area, 6 * u, u, theme->border);
        struct rect inside = rect_inset(area, 2 * u);
        canvas_clip(app->shell.canvas, &inside);
        /* Lines first, then nodes; only the visible ones. */
        for (int pass = 0; pass < 2; pass++)
            for (struct sgf_node *node = session->root; node; node = sgf_next(session->root, node)) {
                int column, at, from = 0, before;
                bool known = find_place(&layout, node, &column, &at);
                float x = x0 + step * (float)column, y = y0 + step * (float)at;
                if (!known || x < area.x - step || x > area.x + area.w + step)
                    continue;
                if (pass == 0 && node != session->root) {
                    find_place(&layout, node->parent, &before, &from);
                    float up = y0 + step * (float)from;
                    const SDL_FPoint points[] = {{x - step, up}, {x - step, fmaxf(y - step, up)}, {x, y}};
                    canvas_polyline(app->shell.canvas, points + (from == at), 3 - (from == at), 1.3f * u, theme->muted);
                } else if (pass == 1 && y > area.y - step && y < area.y + area.h + step) {
                    draw_tree_node(app, node, x, y, r);
                    if (ui_hovers(&app->shell.ui, area) &&
                        ui_clicked(&app->shell.ui, (struct rect){x - step / 2, y - step / 2, step, step}))
                        session_go(session, node);
                }
            }
        canvas_clip(app->shell.canvas, NULL);
    }
    g_hash_table_destroy(layout.places);
    g_array_unref(layout.next_row);
    float w = (row.w - 6 * u) / 2;
    if (ui_button(&app->shell.ui, (struct rect){row.x, row.y, w, row.h}, _("Main line"), UI_PLAIN,
                  session->node != session->root, _("Make this variation the main line (Ctrl+Up)")))
        session_promote(session);
    if (ui_button(&app->shell.ui, (struct rect){row.x + w + 6 * u, row.y, w, row.h}, _("Delete"), UI_PLAIN,
                  session->node != session->root, _("Delete this move and all later ones (Delete)")))
        session_delete(session);
}
