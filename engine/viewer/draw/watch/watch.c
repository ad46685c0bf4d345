/* The window of `tengen watch`: a grid of games or one enlarged, curves, and a slider over the checkpoints. */
#include <math.h>
#include <sys/resource.h>
#include <time.h>

#include "engine/viewer/draw/board.h"
#include "engine/viewer/draw/shell.h"
#include "engine/viewer/draw/watch/curves.h"
#include "engine/viewer/language.h"
#include "engine/viewer/text.h"
#include "engine/viewer/watch/run_elo.h"
#include "engine/viewer/watch/run_view.h"

enum {
    LEAST_MS = 200,        /* between two pictures that only the run asks for */
    PATIENCE = 80,         /* and so many times what the last one cost */
    NICE = 10,             /* below the training */
    CHECK_MS = 200,        /* how often the mapping is looked at */
    PATIENCE_US = 1500000, /* for a checkpoint's answer, before the game moves on without */
    NET_VISITS = 1,        /* a checkpoint's own view, without search */
};

struct watch {
    struct shell shell;
    struct run_view run;
    struct run_elo *elo;
    struct brain *brain;
    int enlarged; /* board, -1: the grid */
    int shown;    /* moves shown of it; -1: all, following */
    int checkpoint;
    bool heat;
    uint32_t ticket;
    struct analysis seen;            /* by the checkpoint */
    uint64_t asked;                  /* hash of what the brain was asked */
    bool answered;                   /* `seen` is about `board` after `count` moves */
    struct run_board board, pending; /* the enlarged game as it is shown, and as the brain was asked about it */
    int count, pending_count;
    int64_t asked_us;
    uint64_t rated; /* of the ladder that Elo was set to */
    struct run_elo_point points[RUN_ELO_MAX];
    int point_count, elo_games;
};

/* ---- what the checkpoint sees ---- */

static int shown_moves(const struct watch *w)
{
    return w->count;
}

/* A game that is followed moves on only together with what the checkpoint says of it, so that both can be seen; one
 * that the user walks through shows where the user is at once. */
static void show_enlarged(struct watch *w, bool now)
{
    const struct run_board *board = &w->run.boards[w->enlarged];
    if (w->shown >= 0 && w->board.game.number == board->game.number) {
        w->board = *board;
        w->count = MIN(w->shown, board->game.count);
    } else if (now) {
        w->board = *board;
        w->count = w->shown < 0 ? board->game.count : MIN(w->shown, board->game.count);
        w->answered = false;
    }
}

static uint32_t generation_at(const struct watch *w, int index)
{
    return g_array_index(w->run.generations, uint32_t, index);
}

static uint64_t hash_moves(const struct run_board *board, int count)
{
    uint64_t hash = rng_mix(board->game.number);
    for (int i = 0; i < count; i++)
        hash = rng_mix(hash ^ board->game.moves[i]);
    return hash;
}

static void ask(struct watch *w)
{
    const struct run_board *board = &w->pending;
    struct brain_line line = {.game = board->game.game, .from_start = true, .count = w->pending_count};
    union any_position at;
    struct history history;
    history_init(&history, line.count + 1);
    bool sound = run_board_replay(board, line.count, &at.p, &history) && !game_over(&at.p);
    history_clear(&history);
    if (!sound)
        return;
    char *path = run_view_net(&w->run, generation_at(w, w->checkpoint));
    line.moves = g_memdup2(board->game.moves, sizeof *line.moves * (size_t)MAX(line.count, 1));
    game_init(&line.game, &line.start.p);
    w->ticket = brain_analyse(w->brain, &line, path, NET_VISITS);
    g_free(line.moves);
    g_free(path);
}

/* Asks the brain when the position or the checkpoint has changed; of a game that is followed, when it has answered. */
static void ask_checkpoint(struct watch *w)
{
    int count = (int)w->run.generations->len;
    if (w->enlarged < 0 || count == 0)
        return;
    int64_t now = g_get_monotonic_time();
    show_enlarged(w, false);
    w->checkpoint = CLAMP(w->checkpoint, 0, count - 1);
    if (w->shown < 0 && !w->answered && now - w->asked_us < PATIENCE_US && w->asked)
        return;
    const struct run_board *board = w->shown < 0 ? &w->run.boards[w->enlarged] : &w->board;
    int moves = w->shown < 0 ? board->game.count : w->count;
    uint64_t wanted = rng_mix(hash_moves(board, moves) ^ generation_at(w, w->checkpoint));
    if (wanted == w->asked)
        return;
    w->pending = *board;
    w->pending_count = moves;
    w->asked = wanted;
    w->asked_us = now;
    w->answered = false;
    ask(w);
}

static bool take_answers(struct watch *w)
{
    struct brain_news news;
    bool changed = false;
    while (brain_poll(w->brain, &news, &w->seen) != BRAIN_NOTHING) {
        changed = true;
        if (news.kind != BRAIN_FOUND || news.ticket != w->ticket || w->enlarged < 0)
            continue;
        w->answered = true;
        w->board = w->pending;
        w->count = w->pending_count;
    }
    return changed;
}

/* ---- boards ---- */

static void draw_board(struct watch *w, struct rect area, int index, bool large)
{
    const struct run_board *board = large ? &w->board : &w->run.boards[index];
    const struct theme *theme = w->shell.ui.theme;
    struct canvas *canvas = w->shell.canvas;
    float u = canvas_u(canvas), label = 22 * u;
    struct board_place place;
    struct history history;
    union any_position at;
    uint8_t stones[GAME_MAX_POINTS];
    char text[200 + GAME_SPEC_MAX], spec[GAME_SPEC_MAX], value[48] = "";
    if (!board->present)
        return;
    int count = large ? shown_moves(w) : board->game.count;
    history_init(&history, count + 1);
    bool sound = run_board_replay(board, count, &at.p, &history);
    history_clear(&history);
    board_place(&place, (struct rect){area.x, area.y, area.w, area.h - label}, &board->game.game, large, u);
    for (int p = 0; p < board->game.game.points; p++)
        stones[p] = (uint8_t)board->game.game.ops->stone(&board->game.game, &at.p, p);
    board_draw_ground(canvas, theme, &place, large);
    board_draw_stones(canvas, &place, stones);
    if (large && w->answered && w->heat && sound && !game_over(&at.p))
        board_draw_heat(canvas, &place, w->seen.prior);
    if (count > 0 && board->game.moves[count - 1] < board->game.game.points) {
        int last = board->game.moves[count - 1];
        canvas_ring(canvas, board_x(&place, last), board_y(&place, last), place.step * 0.22f,
                    fmaxf(place.step * 0.06f, 1.2f), stones[last] == GAME_BLACK ? RGB(0xf6f2ea) : RGB(0x1c1a18));
    }
    if (!isnan(board->game.value_player_0))
        g_snprintf(value, sizeof value, _(" · first player %.0f %%"), 50 * (1 + (double)board->game.value_player_0));
    else if (board->finished)
        g_snprintf(value, sizeof value, board->result.outcome == GAME_DRAWN ? _(" · drawn") : _(" · %s won"),
                   board->result.outcome == GAME_WON_0 ? _("first player") : _("second player"));
    int length = g_snprintf(text, sizeof text, _("Game %d · net %u · move %d%s"), (int)board->game.number,
                            board->game.generation, count, value);
    /* Komi and rules differ from game to game of a run; last, for where room is short the end is cut off. */
    g_snprintf(text + length, sizeof text - (size_t)length, " · %s", game_format(&board->game.game, spec));
    float below = fminf(place.wood.y + place.wood.h + 12 * u, area.y + area.h - label / 2);
    canvas_text(canvas, area.x + area.w / 2, below, TEXT_SMALL, TEXT_CENTRE, area.w, theme->muted, text);
}

/* A game under way is followed; a finished one opens in its middle, where there is something to judge. */
static void enlarge(struct watch *w, int index)
{
    const struct run_board *board = &w->run.boards[index];
    w->enlarged = index;
    w->shown = board->finished ? board->game.count / 2 : -1;
    w->asked = 0;
    show_enlarged(w, true);
}

static void draw_grid(struct watch *w, struct rect area)
{
    int count = w->run.board_count, columns = 1;
    float u = canvas_u(w->shell.canvas), gap = 10 * u;
    if (count == 0) {
        canvas_text(w->shell.canvas, area.x + area.w / 2, area.y + area.h / 2, TEXT_LARGE, TEXT_CENTRE, area.w,
                    w->shell.ui.theme->muted, _("No game yet"));
        return;
    }
    /* As many columns as make the boards largest. */
    float best = 0;
    for (int c = 1; c <= count; c++) {
        float side = fminf(area.w / (float)c, area.h / ceilf((float)count / (float)c));
        if (side > best)
            best = side, columns = c;
    }
    int rows = (count + columns - 1) / columns;
    float cell_w = area.w / (float)columns, cell_h = area.h / (float)rows;
    for (int i = 0; i < count; i++) {
        struct rect cell = {area.x + cell_w * (float)(i % columns), area.y + cell_h * (float)(i / columns), cell_w,
                            cell_h};
        cell = rect_inset(cell, gap / 2);
        draw_board(w, cell, i, false);
        ui_tip(&w->shell.ui, cell, _("Click to enlarge"));
        if (w->run.boards[i].present && ui_clicked(&w->shell.ui, cell)) {
            enlarge(w, i);
            w->shell.ui.input.pressed = false;
        }
    }
}

/* ---- the panel ---- */

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
    const char *state = w->run.running ? _("training") : _("at rest");
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
        canvas_paragraph(canvas, inner, TEXT_SMALL, theme->muted, _("No checkpoint yet"), true);
        return;
    }
    w->checkpoint = CLAMP(w->checkpoint, 0, count - 1);
    g_snprintf(text, sizeof text, _("Checkpoint %u (%d of %d)"), generation_at(w, w->checkpoint), w->checkpoint + 1,
               count);
    canvas_text(canvas, inner.x, inner.y + line / 2, TEXT_NORMAL, TEXT_LEFT, inner.w, theme->text, text);
    ui_slider(&w->shell.ui, (struct rect){inner.x, inner.y + line * 1.2f, inner.w, 22 * u}, &w->checkpoint, 0,
              count - 1);
    float y = inner.y + line * 1.2f + 34 * u;
    if (w->enlarged < 0) {
        canvas_paragraph(canvas, (struct rect){inner.x, y - line / 2, inner.w, 0}, TEXT_SMALL, theme->muted,
                         _("Click a board: it shows what each checkpoint would play there."), true);
        return;
    }
    if (!w->answered) {
        const struct run_board *over = &w->board;
        if (over->finished && shown_moves(w) == over->game.count)
            canvas_text(canvas, inner.x, y, TEXT_SMALL, TEXT_LEFT, inner.w, theme->muted,
                        _("The game is over here: ← goes back"));
        return;
    }
    /* The mover's chances and best moves, as this checkpoint sees them without search. */
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
    g_snprintf(text, sizeof text, _("To move: %.0f %%"), 100 * (double)w->seen.win);
    float room = canvas_text(canvas, inner.x, y, TEXT_NORMAL, TEXT_LEFT, inner.w, theme->accent, text);
    canvas_text(canvas, inner.x + room + 14 * u, y, TEXT_SMALL, TEXT_LEFT, inner.w - room - 14 * u, theme->muted, best);
}

static void draw_panel(struct watch *w, struct rect area)
{
    float u = canvas_u(w->shell.canvas), gap = 8 * u;
    draw_summary(w, &area);
    float slider = fminf(104 * u, area.h * 0.3f), chart = (area.h - slider - 3 * gap) / 3;
    for (int i = 0; i < 3; i++) {
        struct rect place = {area.x, area.y + (chart + gap) * (float)i, area.w, chart};
        if (i == 1)
            curves_draw_elo(&w->shell, w->points, w->point_count, w->elo_games, place);
        else
            (i / 2 ? curves_draw_lengths : curves_draw_losses)(&w->shell, w->run.metrics, place);
    }
    draw_slider(w, (struct rect){area.x, area.y + (chart + gap) * 3, area.w, slider});
}

/* To a move of the enlarged game; at the end of one under way, it is followed. */
static void walk_to(struct watch *w, int at)
{
    const struct run_board *board = &w->run.boards[w->enlarged];
    at = CLAMP(at, 0, board->game.count);
    w->shown = at == board->game.count && !board->finished ? -1 : at;
    show_enlarged(w, true);
}

static void draw_walk(struct watch *w, struct rect row)
{
    const struct run_board *board = &w->run.boards[w->enlarged];
    float u = canvas_u(w->shell.canvas);
    int at = shown_moves(w);
    struct rect back = {row.x, row.y, 80 * u, row.h}, heat = {row.x + row.w - 90 * u, row.y, 90 * u, row.h};
    if (ui_button(&w->shell.ui, back, _("All"), UI_PLAIN, true, _("Back to the grid (Esc)")))
        w->enlarged = -1;
    if (ui_slider(&w->shell.ui,
                  (struct rect){back.x + back.w + 10 * u, row.y, heat.x - back.x - back.w - 20 * u, row.h}, &at, 0,
                  board->game.count))
        walk_to(w, at);
    if (ui_button(&w->shell.ui, heat, _("Policy"), w->heat ? UI_PRIMARY : UI_PLAIN, true,
                  _("What the checkpoint would play (R)")))
        w->heat = !w->heat;
}

static void draw(struct shell *shell, struct rect window)
{
    struct watch *w = (struct watch *)shell;
    float u = canvas_u(shell->canvas), margin = 10 * u, width = CLAMP(window.w * 0.34f, 210 * u, 460 * u);
    canvas_rect(shell->canvas, window, shell->ui.theme->back);
    struct rect left = {margin, margin, window.w - width - 2.5f * margin, window.h - 2 * margin};
    draw_panel(w, (struct rect){window.w - width - margin, margin, width, window.h - 2 * margin});
    if (w->enlarged >= w->run.board_count)
        w->enlarged = -1;
    if (w->enlarged < 0) {
        draw_grid(w, left);
        return;
    }
    struct rect row = {left.x, left.y + left.h - 30 * u, left.w, 28 * u};
    left.h -= 36 * u;
    draw_board(w, left, w->enlarged, true);
    draw_walk(w, row);
}

static void key(struct shell *shell, SDL_Keycode code, uint16_t modifiers)
{
    struct watch *w = (struct watch *)shell;
    (void)modifiers;
    int step = code == SDLK_RIGHT ? 1 : code == SDLK_LEFT ? -1 : 0;
    if (code == SDLK_ESCAPE)
        w->enlarged = -1;
    if (code == SDLK_q)
        shell->quit = true;
    if (code == SDLK_r)
        w->heat = !w->heat;
    if (code == SDLK_UP || code == SDLK_DOWN)
        w->checkpoint += code == SDLK_UP ? 1 : -1;
    if (code >= SDLK_1 && code <= SDLK_9 && (int)(code - SDLK_1) < w->run.board_count) {
        enlarge(w, (int)(code - SDLK_1));
    }
    if (w->enlarged >= 0 && step) {
        walk_to(w, shown_moves(w) + step);
    }
    if (w->enlarged >= 0 && (code == SDLK_HOME || code == SDLK_END))
        walk_to(w, code == SDLK_HOME ? 0 : LIVE_MAX_MOVES);
}

/* ---- the loop ---- */

static void follow_ladder(struct watch *w)
{
    int count = (int)w->run.generations->len;
    uint64_t hash = (uint64_t)count;
    for (int i = 0; i < count; i++)
        hash = rng_mix(hash ^ generation_at(w, i));
    if (hash == w->rated || count < 2)
        return;
    bool at_end = w->rated == 0 || w->checkpoint >= count - 2;
    char **paths = g_new0(char *, (gsize)count + 1);
    for (int i = 0; i < count; i++)
        paths[i] = run_view_net(&w->run, generation_at(w, i));
    run_elo_set(w->elo, (const uint32_t *)(const void *)w->run.generations->data, paths, count);
    g_strfreev(paths);
    w->rated = hash;
    if (at_end)
        w->checkpoint = count - 1;
}

static bool poll_run(struct shell *shell)
{
    struct watch *w = (struct watch *)shell;
    bool changed = run_view_poll(&w->run);
    follow_ladder(w);
    w->point_count = run_elo_read(w->elo, w->points, &w->elo_games);
    ask_checkpoint(w);
    return take_answers(w) || changed;
}

static int64_t cpu_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Input is answered at once; what the run does is shown at most five times a second, and seldomer where a picture costs
 * much: pictures take about one part in PATIENCE of one core. */
static void loop(struct watch *w)
{
    int64_t next_us = 0;
    SDL_Event event;
    shell_redraw(&w->shell);
    while (!w->shell.quit) {
        bool input = false;
        int64_t now = g_get_monotonic_time();
        int wait = (int)CLAMP((next_us - now) / 1000, CHECK_MS, 10000);
        if (SDL_WaitEventTimeout(&event, wait))
            do
                input |= shell_handle(&w->shell, &event);
            while (!w->shell.quit && SDL_PollEvent(&event));
        now = g_get_monotonic_time();
        shell_tick(&w->shell, now);
        if (!input && now < next_us)
            continue;
        int64_t before = cpu_us();
        poll_run(&w->shell);
        shell_redraw(&w->shell);
        int64_t cost = w->run.running ? (cpu_us() - before) * PATIENCE : 0;
        next_us = now + MAX((int64_t)LEAST_MS * 1000, cost);
    }
}

bool window_watch(const char *folder, const struct window_options *options, GError **error)
{
    struct watch *w = g_new0(struct watch, 1);
    w->enlarged = -1;
    w->shown = -1;
    w->heat = true;
    if (run_view_open(&w->run, folder, error) != 0) {
        g_free(w);
        return false;
    }
    setpriority(PRIO_PROCESS, 0, NICE);
    language_set(options->preferences.language);
    char *title = g_strdup_printf("Tengen: %s", folder);
    bool fine = shell_open(&w->shell, title, options, error);
    g_free(title);
    if (fine) {
        w->shell.draw = draw;
        w->shell.key = key;
        const struct brain_config config = {.threads = 1, .wake = shell_wake, .user = NULL};
        w->brain = brain_start(&config);
        w->elo = run_elo_start(&w->run.games[0], shell_wake, NULL);
        loop(w);
        run_elo_stop(w->elo);
        brain_end(w->brain);
    }
    shell_close(&w->shell);
    run_view_close(&w->run);
    g_free(w);
    return fine;
}
