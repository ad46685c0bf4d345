/* The panel beside the boards: summary of the run, charts, and the slider for checkpoints. */
#include <math.h>

#include "engine/settings/settings.h"
#include "engine/store/live.h"
#include "engine/store/store.h"
#include "engine/viewer/draw/canvas/canvas.h"
#include "engine/viewer/draw/shell.h"
#include "engine/viewer/draw/watch/curves.h"
#include "engine/viewer/draw/watch/watch_internal.h"
#include "engine/viewer/draw/widgets/ui.h"
#include "engine/viewer/session/brain.h"
#include "engine/viewer/text.h"
#include "engine/viewer/watch/run_view.h"
#include "games/game.h"

static void draw_summary(struct watch *w, struct rect *area)
{
    const struct theme *theme = w->shell.ui.theme;
    struct canvas *canvas = w->shell.canvas;
    float u = canvas_u(canvas), line = canvas_line_height(canvas, TEXT_NORMAL);
    char text[200];
    char *name = g_path_get_basename(w->run.folder);
    g_snprintf(text, sizeof text, "%s · %s", name, w->run.settings.game);
    g_free(name);
    canvas_text(canvas, area->x, area->y + line / 2, TEXT_LARGE, TEXT_LEFT, area->w - 90 * u, theme->text, text);
    const char *state = w->run.running ? _("training") : _("stopped");
    float width = canvas_text_width(canvas, TEXT_SMALL, state) + 16 * u;
    struct rect pill = {area->x + area->w - width, area->y, width, line};
    canvas_round(canvas, pill, line / 2, w->run.running ? theme->good : theme->border);
    canvas_text(canvas, pill.x + width / 2, pill.y + line / 2, TEXT_SMALL, TEXT_CENTRE, 0,
                w->run.running ? theme->card : theme->text, state);
    const struct store_metric *last =
        w->run.metrics->len ? &g_array_index(w->run.metrics, struct store_metric, w->run.metrics->len - 1) : NULL;
    g_snprintf(text, sizeof text, _("%d games · %d positions · net %d"), (int)w->run.counts.games,
               (int)w->run.counts.plies, last ? (int)last->generation : 0);
    canvas_text(canvas, area->x, area->y + 1.6f * line, TEXT_SMALL, TEXT_LEFT, area->w, theme->muted, text);
    area->y += 2.3f * line;
    area->h -= 2.3f * line;
}

static void draw_slider(struct watch *w, struct rect area)
{
    const struct theme *theme = w->shell.ui.theme;
    struct canvas *canvas = w->shell.canvas;
    float u = canvas_u(canvas), line = canvas_line_height(canvas, TEXT_SMALL);
    int count = (int)w->run.generations->len;
    char text[160];
    canvas_round(canvas, area, 7 * u, theme->card);
    canvas_frame(canvas, area, 7 * u, u, theme->border);
    struct rect inner = rect_inset(area, 10 * u);
    if (count == 0) {
        canvas_paragraph(canvas, inner, TEXT_SMALL, theme->muted, _("No checkpoints yet"), true);
        return;
    }
    w->checkpoint = CLAMP(w->checkpoint, 0, count - 1);
    g_snprintf(text, sizeof text, _("Checkpoint %u (%d of %d)"), watch_generation_at(w, w->checkpoint),
               w->checkpoint + 1, count);
    canvas_text(canvas, inner.x, inner.y + line / 2, TEXT_NORMAL, TEXT_LEFT, inner.w, theme->text, text);
    ui_slider(&w->shell.ui, (struct rect){inner.x, inner.y + line * 1.2f, inner.w, 22 * u}, &w->checkpoint, 0,
              count - 1);
    float y = inner.y + line * 1.2f + 34 * u;
    if (w->enlarged < 0) {
        canvas_paragraph(canvas, (struct rect){inner.x, y - line / 2, inner.w, 0}, TEXT_SMALL, theme->muted,
                         _("Click a board to see what each checkpoint would play there."), true);
        return;
    }
    if (!w->answered) {
        const struct run_board *over = &w->board;
        if (over->finished && watch_shown_moves(w) == over->game.count)
            canvas_text(canvas, inner.x, y, TEXT_SMALL, TEXT_LEFT, inner.w, theme->muted,
                        _("End of the game: ← goes back"));
        return;
    }
    /* Win rate of the player to move and the best moves, by the raw network output of this checkpoint. */
    const struct run_board *board = &w->board;
    char move[GAME_MOVE_TEXT_MAX], best[96] = "";
    float prior[GAME_MAX_MOVES];
    memcpy(prior, w->seen.prior, sizeof prior);
    for (int i = 0; i < 3; i++) {
        int top = 0;
        for (int m = 1; m < board->game.game.moves; m++)
            if (prior[m] > prior[top])
                top = m;
        char one[48];
        g_snprintf(one, sizeof one, "%s %.0f %%   ", game_move_format(&board->game.game, (game_move)top, move),
                   100 * (double)prior[top]);
        g_strlcat(best, one, sizeof best);
        prior[top] = 0;
    }
    g_snprintf(text, sizeof text, _("Player to move: %.0f %%"), 100 * (double)w->seen.win);
    float room = canvas_text(canvas, inner.x, y, TEXT_NORMAL, TEXT_LEFT, inner.w, theme->accent, text);
    canvas_text(canvas, inner.x + room + 14 * u, y, TEXT_SMALL, TEXT_LEFT, inner.w - room - 14 * u, theme->muted, best);
}

void watch_draw_panel(struct watch *w, struct rect area)
{
    float u = canvas_u(w->shell.canvas), gap = 8 * u;
    draw_summary(w, &area);
    float slider = fminf(104 * u, area.h * 0.3f), chart = (area.h - slider - 3 * gap) / 3;
    for (int i = 0; i < 3; i++) {
        struct rect place = {area.x, area.y + (chart + gap) * (float)i, area.w, chart};
        if (i == 1)
            curves_draw_elo(&w->shell, w->run.strength, w->run.strength_games, place);
        else
            (i / 2 ? curves_draw_lengths : curves_draw_losses)(&w->shell, w->run.metrics, place);
    }
    draw_slider(w, (struct rect){area.x, area.y + (chart + gap) * 3, area.w, slider});
}
