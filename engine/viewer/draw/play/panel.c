/* The panel beside the board: players, what there is to say, analysis, tree, notes; and the bar under the board. */
#include <math.h>

#include "engine/viewer/draw/play/app.h"
#include "engine/viewer/text.h"
#include "games/record/rule_names.h"

/* Cuts a row of this height off the top. */
static struct rect cut(struct rect *area, float height)
{
    struct rect row = {area->x, area->y, area->w, fminf(height, area->h)};
    area->y += height;
    area->h = fmaxf(area->h - height, 0);
    return row;
}

static struct rect part_of(struct rect row, int i, int count, float gap)
{
    float w = (row.w - gap * (float)(count - 1)) / (float)count;
    return (struct rect){row.x + (w + gap) * (float)i, row.y, w, row.h};
}

/* ---- title ---- */

/* An option for people: "komi 7", "Japanese". */
static void append_option(const struct game_ops *ops, const struct game_option *option, int value, GString *text)
{
    char *label = g_utf8_strdown(_(option->label), -1);
    g_string_append(text, " · ");
    if (option->type == GAME_OPTION_CHOICE)
        g_string_append(text, _(rules_choice_title(ops, option, value)));
    else
        g_string_append_printf(text, "%s %g", label, option->type == GAME_OPTION_HALF ? value / 2.0 : value);
    g_free(label);
}

/* "Go 9×9 · komi 7 · Japanese": komi and rules always, of other options those that are set. */
static void title_text(const struct session *session, char *text, size_t size)
{
    const struct game *game = &session->game;
    const struct game_option *options = game->ops->options;
    GString *title = g_string_new(_(game->ops->traits.title));
    g_string_append_printf(title, " %d×%d", game->width, game->height);
    for (int i = 0; options[i].name; i++) {
        bool always = options[i].type == GAME_OPTION_HALF || strcmp(options[i].name, "rules") == 0;
        if (options[i].label && (always || game->option[i] != options[i].preset))
            append_option(game->ops, &options[i], game->option[i], title);
    }
    g_strlcpy(text, title->str, size);
    g_string_free(title, TRUE);
}

static void draw_title(struct app *app, struct rect row)
{
    float u = canvas_u(app->shell.canvas), side = 28 * u;
    char text[160];
    title_text(app->session, text, sizeof text);
    struct rect menu = {row.x + row.w - side, row.y, side, side}, help = {menu.x - side - 2 * u, row.y, side, side};
    canvas_text(app->shell.canvas, row.x, row.y + side / 2, TEXT_NORMAL, TEXT_LEFT, help.x - row.x - 4 * u,
                app->shell.ui.theme->muted, text);
    if (ui_icon_button(&app->shell.ui, help, ICON_HELP, true, false, _("Keys and help (F1)")))
        app_open_dialogue(app, DIALOGUE_HELP);
    if (ui_icon_button(&app->shell.ui, menu, ICON_MENU, true, app->dialogue == DIALOGUE_MENU, _("Menu (F10)")))
        app_open_dialogue(app, DIALOGUE_MENU);
}

/* ---- players ---- */

static void draw_player(struct app *app, struct rect card, int player)
{
    const struct session *session = app->session;
    const struct theme *theme = app->shell.ui.theme;
    struct canvas *canvas = app->shell.canvas;
    float u = canvas_u(canvas), r = fminf(card.h * 0.26f, 13 * u), x = card.x + 10 * u + r,
          middle = card.y + card.h / 2;
    bool active = session->state == SESSION_PLAYING && session->position.p.player == player;
    canvas_round(canvas, card, 7 * u, theme->card);
    canvas_frame(canvas, card, 7 * u, active ? 2 * u : u, active ? theme->accent : theme->border);
    canvas_stone_shadow(canvas, roundf(x), roundf(middle), r);
    canvas_stone(canvas, roundf(x), roundf(middle), r, session_colour(session, player) == GAME_BLACK, 1);
    float left = x + r + 9 * u, width = card.x + card.w - left - 8 * u;
    const struct agent_clock *control = &session->setup.clock;
    bool timed = agent_clock_kind(control) != AGENT_CLOCK_NONE;
    char below[96] = "", clock[AGENT_CLOCK_TEXT_MAX];
    if (session->game.ops->tally)
        g_snprintf(below, sizeof below, _(session->game.ops->traits.tally),
                   session->game.ops->tally(&session->game, &session->position.p, player));
    float up = below[0] || timed ? card.h * 0.17f : 0;
    canvas_text(canvas, left, middle - up, TEXT_NORMAL, TEXT_LEFT, width, theme->text,
                session->setup.players[player].name);
    if (timed) {
        struct agent_clock now;
        session_clock_now(session, player, &now);
        bool hurry = active && agent_clock_left_ms(&now, control) < 30000;
        width -= canvas_text(canvas, card.x + card.w - 10 * u, middle + up, TEXT_LARGE, TEXT_RIGHT, 0,
                             hurry ? theme->bad : theme->text, agent_clock_format(&now, control, clock));
    }
    canvas_text(canvas, left, middle + up, TEXT_SMALL, TEXT_LEFT, width, theme->muted, below);
}

static void draw_players(struct app *app, struct rect *area)
{
    float u = canvas_u(app->shell.canvas), gap = 6 * u;
    bool beside = area->w >= 330 * u, low = app->shell.ui.canvas && area->h < 520 * u;
    if (beside) {
        struct rect row = cut(area, 52 * u);
        draw_player(app, part_of(row, 0, 2, gap), 0);
        draw_player(app, part_of(row, 1, 2, gap), 1);
    } else {
        draw_player(app, cut(area, low ? 38 * u : 48 * u), 0);
        cut(area, gap);
        draw_player(app, cut(area, low ? 38 * u : 48 * u), 1);
    }
    cut(area, 8 * u);
}

/* ---- what there is to say ---- */

static void count_line(const struct session *session, int player, char *text, size_t size)
{
    const struct game_count *score = &session->score;
    const char *name = session_colour_name(player ? GAME_WHITE : GAME_BLACK);
    bool area = !score->prisoners_count;
    int first = area ? score->stones[player] : score->prisoners[player];
    float total = area ? score->area[player] : score->by_territory[player];
    if (player && score->komi != 0)
        g_snprintf(text, size,
                   area ? _("%s: %d stones + %d territory + %g komi = %g")
                        : _("%s: %d prisoners + %d territory + %g komi = %g"),
                   name, first, score->territory[player], (double)score->komi, (double)total);
    else
        g_snprintf(text, size,
                   area ? _("%s: %d stones + %d territory = %g") : _("%s: %d prisoners + %d territory = %g"), name,
                   first, score->territory[player], (double)total);
}

static void draw_counting(struct app *app, struct rect *area)
{
    struct session *session = app->session;
    const struct theme *theme = app->shell.ui.theme;
    float u = canvas_u(app->shell.canvas), line = canvas_line_height(app->shell.canvas, TEXT_SMALL);
    char text[200], margin[120];
    struct rect box = {area->x, area->y, area->w, 0};
    float y = box.y + 6 * u;
    struct rect inner = {box.x + 10 * u, y, box.w - 20 * u, 0};
    float result = session->score.margin;
    bool counting = session->state == SESSION_COUNTING;
    if (!counting)
        session_outcome_text(session, margin, sizeof margin);
    else if (result == 0)
        g_strlcpy(margin, _("A draw by this count"), sizeof margin);
    else
        g_snprintf(margin, sizeof margin, _("%s leads by %g"),
                   session_colour_name(result > 0 ? GAME_BLACK : GAME_WHITE), fabs((double)result));
    /* Measured first, so that the card lies under its text. */
    float height = 12 * u + canvas_line_height(app->shell.canvas, TEXT_LARGE);
    for (int i = 0; i < 2; i++) {
        count_line(session, i, text, sizeof text);
        height += canvas_paragraph(app->shell.canvas, inner, TEXT_SMALL, theme->text, text, false);
    }
    const char *help = counting ? _("Click stones to mark them dead or alive.") : "";
    height += canvas_paragraph(app->shell.canvas, inner, TEXT_SMALL, theme->muted, help, false);
    box.h = height;
    canvas_round(app->shell.canvas, box, 7 * u, theme->card);
    canvas_frame(app->shell.canvas, box, 7 * u, u, theme->border);
    canvas_text(app->shell.canvas, inner.x, y + line * 0.75f, TEXT_LARGE, TEXT_LEFT, inner.w, theme->text, margin);
    inner.y += canvas_line_height(app->shell.canvas, TEXT_LARGE);
    for (int i = 0; i < 2; i++) {
        count_line(session, i, text, sizeof text);
        inner.y += canvas_paragraph(app->shell.canvas, inner, TEXT_SMALL, theme->text, text, true);
    }
    canvas_paragraph(app->shell.canvas, inner, TEXT_SMALL, theme->muted, help, true);
    cut(area, height + 6 * u);
    if (!counting)
        return;
    struct rect row = cut(area, 30 * u);
    if (ui_button(&app->shell.ui, part_of(row, 0, 2, 6 * u), _("Accept"), UI_PRIMARY, true,
                  _("The count stands (Enter)")))
        session_accept(session);
    if (ui_button(&app->shell.ui, part_of(row, 1, 2, 6 * u), _("Play on"), UI_PLAIN, true, _("Takes the passes back")))
        session_resume(session);
    cut(area, 8 * u);
}

static void draw_decisions(struct app *app, struct rect *area)
{
    struct session *session = app->session;
    const struct game *game = &session->game;
    float u = canvas_u(app->shell.canvas);
    if (!session_human_to_move(session))
        return;
    for (game_move move = game->points; move < game->moves; move++) {
        if (move == game->pass || !game->ops->legal(game, &session->position.p, &session->history, move))
            continue;
        const char *label = game->ops->other_moves[move - game->points].label;
        if (ui_button(&app->shell.ui, cut(area, 28 * u), _(label), UI_PRIMARY, true, NULL))
            session_play(session, move);
        cut(area, 6 * u);
    }
}

static void draw_notice(struct app *app, struct rect *area)
{
    struct session *session = app->session;
    const struct theme *theme = app->shell.ui.theme;
    float u = canvas_u(app->shell.canvas);
    char thinking[64], text[512];
    bool warning = session->notice_kind == NOTICE_WARNING && session->notice[0];
    bool stop = session->thinking;
    g_strlcpy(text, session->notice, sizeof text);
    if (session->thinking && !warning) {
        const struct analysis *analysis = session_analysis(session);
        g_snprintf(thinking, sizeof thinking, analysis ? _("Thinking… %d visits") : _("Thinking…"),
                   analysis ? (int)analysis->visits : 0);
        g_strlcpy(text, thinking, sizeof text);
    } else if (!text[0] && session->state == SESSION_OVER) {
        session_outcome_text(session, text, sizeof text);
    } else if (!text[0] && session_human_to_move(session) && session_must_pass(session)) {
        g_snprintf(text, sizeof text, _("%s has no move but to pass (P)"),
                   session_colour_name(session->position.p.colour));
    } else if (!text[0] && session_human_to_move(session) && session->live) {
        g_snprintf(text, sizeof text, _("%s to move"), session_colour_name(session->position.p.colour));
    } else if (!text[0]) {
        g_snprintf(text, sizeof text, _("Review · %s to move"), session_colour_name(session->position.p.colour));
    }
    enum text_size size = session->state == SESSION_OVER ? TEXT_LARGE : TEXT_NORMAL;
    struct rect inner = {area->x + 10 * u, area->y + 6 * u, area->w - 20 * u - (stop ? 30 * u : 0), 0};
    float height = canvas_paragraph(app->shell.canvas, inner, size, theme->text, text, false);
    struct rect box = {area->x, area->y, area->w, fmaxf(height + 12 * u, 34 * u)};
    canvas_round(app->shell.canvas, box, 7 * u, colour_fade(warning ? theme->bad : theme->accent, 0.10f));
    canvas_round(app->shell.canvas, (struct rect){box.x, box.y, 4 * u, box.h}, 2 * u,
                 warning ? theme->bad : theme->accent);
    inner.y = box.y + (box.h - height) / 2;
    canvas_paragraph(app->shell.canvas, inner, size, theme->text, text, true);
    if (stop && ui_icon_button(&app->shell.ui,
                               (struct rect){box.x + box.w - 32 * u, box.y + box.h / 2 - 14 * u, 28 * u, 28 * u},
                               ICON_STOP, true, false, _("Stop thinking (Esc)")))
        session_stop_thinking(session);
    cut(area, box.h + 8 * u);
}

/* ---- analysis ---- */

static void draw_win_bar(struct app *app, struct rect row, const struct analysis *analysis)
{
    const struct session *session = app->session;
    const struct theme *theme = app->shell.ui.theme;
    float u = canvas_u(app->shell.canvas);
    char text[64], lead[32] = "";
    float black = 0.5f;
    bool known = analysis && analysis->visits > 0;
    if (known)
        black = session->position.p.colour == GAME_BLACK ? analysis->win : 1 - analysis->win;
    canvas_round(app->shell.canvas, row, 5 * u, known ? theme->white_side : theme->hover);
    if (!known) {
        canvas_frame(app->shell.canvas, row, 5 * u, u, theme->border);
        return;
    }
    struct rect part = {row.x, row.y, row.w * black, row.h};
    canvas_round(app->shell.canvas, part, 5 * u, theme->black_side);
    if (part.w > 6 * u && part.w < row.w - 6 * u)
        canvas_rect(app->shell.canvas, (struct rect){part.x + part.w - 5 * u, part.y, 5 * u, part.h},
                    theme->black_side);
    canvas_frame(app->shell.canvas, row, 5 * u, u, theme->border);
    if (session->game.has_score) {
        float score = session->position.p.colour == GAME_BLACK ? analysis->lead : -analysis->lead;
        g_snprintf(lead, sizeof lead, "%s+%.1f", score >= 0 ? _("B") : _("W"), fabs((double)score));
    }
    float y = row.y + row.h / 2;
    g_snprintf(text, sizeof text, "%.1f %%", 100 * (double)black);
    if (black > 0.22f)
        canvas_text(app->shell.canvas, row.x + 8 * u, y, TEXT_SMALL, TEXT_LEFT, 0, RGB(0xf3efe8), text);
    g_snprintf(text, sizeof text, "%.1f %%", 100 * (1 - (double)black));
    if (black < 0.78f)
        canvas_text(app->shell.canvas, row.x + row.w - 8 * u, y, TEXT_SMALL, TEXT_RIGHT, 0, RGB(0x26221e), text);
    ui_tip(&app->shell.ui, row, _("Chances of black and of white"));
    if (lead[0]) {
        float w = canvas_text_width(app->shell.canvas, TEXT_SMALL, lead) + 12 * u;
        struct rect pill = {row.x + row.w / 2 - w / 2, row.y + 2 * u, w, row.h - 4 * u};
        canvas_round(app->shell.canvas, pill, 5 * u, theme->accent);
        canvas_text(app->shell.canvas, row.x + row.w / 2, y, TEXT_SMALL, TEXT_CENTRE, 0, theme->on_accent, lead);
    }
}

static void line_text(const struct session *session, const struct agent_candidate *candidate, char *text, size_t size)
{
    char move[GAME_MOVE_TEXT_MAX];
    *text = '\0';
    for (int i = 1; i < MIN(candidate->length, 8); i++) {
        g_strlcat(text, game_move_format(&session->game, candidate->line[i], move), size);
        g_strlcat(text, " ", size);
    }
}

static void draw_candidate_row(struct app *app, struct rect row, const struct analysis *analysis, int i)
{
    const struct session *session = app->session;
    const struct theme *theme = app->shell.ui.theme;
    const struct agent_candidate *candidate = &analysis->candidates[i];
    float u = canvas_u(app->shell.canvas), y = row.y + row.h / 2, x = row.x + 6 * u;
    char move[GAME_MOVE_TEXT_MAX], text[160];
    if (app->hover_line == i)
        canvas_round(app->shell.canvas, row, 4 * u, theme->hover);
    canvas_text(app->shell.canvas, x, y, TEXT_NORMAL, TEXT_LEFT, 0, i ? theme->text : theme->accent,
                session_move_text(session, candidate->move, move));
    g_snprintf(text, sizeof text, "%.1f %%", 100 * agent_chance(candidate->value));
    canvas_text(app->shell.canvas, x + 92 * u, y, TEXT_SMALL, TEXT_RIGHT, 0, theme->text, text);
    if (session->game.has_score) {
        g_snprintf(text, sizeof text, "%+.1f", (double)candidate->score);
        canvas_text(app->shell.canvas, x + 132 * u, y, TEXT_SMALL, TEXT_RIGHT, 0, theme->muted, text);
    }
    g_snprintf(text, sizeof text, "%d", (int)candidate->visits);
    canvas_text(app->shell.canvas, x + 182 * u, y, TEXT_SMALL, TEXT_RIGHT, 0, theme->muted, text);
    line_text(session, candidate, text, sizeof text);
    if (row.w > 230 * u)
        canvas_text(app->shell.canvas, x + 192 * u, y, TEXT_SMALL, TEXT_LEFT, row.x + row.w - x - 196 * u, theme->muted,
                    text);
}

static void draw_candidates(struct app *app, struct rect area)
{
    const struct session *session = app->session;
    const struct analysis *analysis = session_analysis(session);
    const struct theme *theme = app->shell.ui.theme;
    float u = canvas_u(app->shell.canvas), height = canvas_line_height(app->shell.canvas, TEXT_NORMAL) + 2 * u;
    char text[120];
    if (area.h < height)
        return;
    if (!analysis || (!session->analysis_wanted && !session->hint)) {
        canvas_paragraph(app->shell.canvas, (struct rect){area.x + 6 * u, area.y + 4 * u, area.w - 12 * u, 0},
                         TEXT_SMALL, theme->muted,
                         session->analysis_wanted ? _("…") : _("Space turns analysis on; F shows one hint."), true);
        return;
    }
    g_snprintf(text, sizeof text, _("%d visits · %.0f a second"), (int)analysis->visits, analysis->visits_per_s);
    canvas_text(app->shell.canvas, area.x + 6 * u, area.y + height / 2, TEXT_SMALL, TEXT_LEFT, area.w, theme->muted,
                text);
    cut(&area, height);
    for (int i = 0; i < analysis->count && area.h >= height; i++) {
        struct rect row = cut(&area, height);
        if (ui_hovers(&app->shell.ui, row))
            app->hover_line = i; /* the board shows it in the next frame */
        if (ui_clicked(&app->shell.ui, row) && session_human_to_move(session))
            session_play(app->session, analysis->candidates[i].move);
        draw_candidate_row(app, row, analysis, i);
    }
}

static void draw_toggles(struct app *app, struct rect row)
{
    struct preferences *p = &app->preferences;
    const struct {
        const char *label, *tip;
        int *value;
    } toggles[] = {
        {_("Moves"), _("Candidate moves (E)"), &p->candidates},
        {_("Policy"), _("What the net would play without search (R)"), &p->policy},
        {_("Area"), _("Who owns what (T)"), &p->ownership},
        {_("Ponder"), _("Think in the player's time (D)"), &p->pondering},
    };
    float u = canvas_u(app->shell.canvas);
    for (int i = 0; i < 4; i++) {
        struct rect part = part_of(row, i, 4, 4 * u);
        if (ui_button(&app->shell.ui, part, toggles[i].label, *toggles[i].value ? UI_PRIMARY : UI_PLAIN, true,
                      toggles[i].tip)) {
            *toggles[i].value = !*toggles[i].value;
            if (i == 3)
                session_set_pondering(app->session, p->pondering);
        }
    }
}

static void draw_analysis_tab(struct app *app, struct rect area)
{
    float u = canvas_u(app->shell.canvas);
    draw_toggles(app, cut(&area, 26 * u));
    cut(&area, 6 * u);
    draw_win_bar(app, cut(&area, 22 * u), session_analysis(app->session));
    cut(&area, 6 * u);
    if (area.h > 90 * u) {
        graph_draw(app, cut(&area, CLAMP(area.h * 0.36f, 60 * u, 190 * u)));
        cut(&area, 4 * u);
    }
    draw_candidates(app, area);
}

/* ---- notes ---- */

static void draw_notes_tab(struct app *app, struct rect area)
{
    static const char *const tools[] = {N_("Play"), "●", "○", "△", "□", "◯", "✕", "A"};
    static const char *const tips[] = {N_("Clicks play moves"),
                                       N_("Clicks set up black stones"),
                                       N_("Clicks set up white stones"),
                                       N_("Triangles"),
                                       N_("Squares"),
                                       N_("Circles"),
                                       N_("Crosses"),
                                       N_("Letters")};
    float u = canvas_u(app->shell.canvas);
    struct rect row = cut(&area, 28 * u);
    for (int i = 0; i < TOOLS; i++)
        if (ui_button(&app->shell.ui, part_of(row, i, TOOLS, 2 * u), i ? tools[i] : _("▶"),
                      (int)app->tool == i ? UI_PRIMARY : UI_PLAIN, true, _(tips[i])))
            app->tool = (enum app_tool)i;
    cut(&area, 6 * u);
    if (app->comment_of != app->session->node && !ui_is_editing(&app->shell.ui)) {
        char *comment = session_comment(app->session);
        g_strlcpy(app->comment, comment, sizeof app->comment);
        g_free(comment);
        app->comment_of = app->session->node;
    }
    if (area.h > 30 * u &&
        ui_field(&app->shell.ui, area, app->comment, sizeof app->comment, true, _("A comment on this move")))
        session_set_comment(app->session, app->comment);
}

static void draw_tabs(struct app *app, struct rect area)
{
    const char *const labels[TABS] = {_("Analysis"), _("Tree"), _("Notes")};
    float u = canvas_u(app->shell.canvas);
    int tab = app->tab;
    if (area.h < 40 * u)
        return;
    ui_segments(&app->shell.ui, cut(&area, 28 * u), labels, TABS, &tab);
    if (tab != (int)app->tab && tab != TAB_NOTES)
        app->tool = TOOL_PLAY;
    app->tab = (enum app_tab)tab;
    cut(&area, 8 * u);
    if (app->tab == TAB_ANALYSIS)
        draw_analysis_tab(app, area);
    else if (app->tab == TAB_TREE)
        tree_draw(app, area);
    else
        draw_notes_tab(app, area);
}

/* ---- buttons ---- */

static void draw_actions(struct app *app, struct rect area)
{
    struct session *session = app->session;
    float u = canvas_u(app->shell.canvas), gap = 6 * u;
    const struct game *game = &session->game;
    bool playing = session->state == SESSION_PLAYING, has_pass = game->pass != GAME_NO_MOVE;
    bool may_pass = has_pass && playing && session_human_to_move(session) &&
                    game->ops->legal(game, &session->position.p, &session->history, game->pass);
    struct rect first = cut(&area, 30 * u), second;
    cut(&area, gap);
    second = cut(&area, 30 * u);
    if (ui_button(&app->shell.ui, part_of(first, 0, 3, gap), _("Undo"), UI_PLAIN, session->node != session->root,
                  _("Takes back your last move (Backspace)")))
        session_undo(session);
    if (ui_button(&app->shell.ui, part_of(first, 1, 3, gap), has_pass ? _("Pass") : _("Redo"), UI_PLAIN,
                  has_pass ? may_pass : session->node->first_child != NULL,
                  has_pass ? _("Pass (P)") : _("Plays again what was taken back (X)"))) {
        if (has_pass)
            session_play(session, session_pass_move(session));
        else
            session_redo(session);
    }
    if (ui_button(&app->shell.ui, part_of(first, 2, 3, gap), _("Resign"), UI_PLAIN, playing && session->live,
                  _("Gives up the game")))
        session_resign(session);
    if (ui_button(&app->shell.ui, part_of(second, 0, 3, gap), _("Hint"), session->hint ? UI_PRIMARY : UI_PLAIN, playing,
                  _("Shows what the engine would play (F)")))
        session_hint(session);
    if (ui_button(&app->shell.ui, part_of(second, 1, 3, gap), _("Analyse"),
                  session->analysis_wanted ? UI_PRIMARY : UI_PLAIN, true, _("Analysis on and off (Space)")))
        session_set_analysis(session, !session->analysis_wanted);
    if (ui_button(&app->shell.ui, part_of(second, 2, 3, gap), _("New"), UI_PLAIN, true, _("A new game (Ctrl+N)")))
        app_open_dialogue(app, DIALOGUE_NEW);
}

void panel_draw(struct app *app, struct rect area)
{
    float u = canvas_u(app->shell.canvas), actions = 70 * u;
    draw_title(app, cut(&area, 32 * u));
    draw_players(app, &area);
    struct rect bottom = {area.x, area.y + area.h - actions + 4 * u, area.w, actions - 4 * u};
    area.h -= actions;
    if (session_shows_count(app->session))
        draw_counting(app, &area);
    else
        draw_notice(app, &area);
    draw_decisions(app, &area);
    draw_tabs(app, area);
    draw_actions(app, bottom);
}

/* ---- under the board ---- */

void panel_draw_controls(struct app *app, struct rect area)
{
    struct session *session = app->session;
    float u = canvas_u(app->shell.canvas), side = fminf(area.h, 34 * u), x = area.x + area.w / 2 - side * 3.5f;
    const struct theme *theme = app->shell.ui.theme;
    static const struct {
        enum ui_icon icon;
        const char *tip;
    } buttons[] = {{ICON_FIRST, N_("To the start (Home)")},  {ICON_BACK_TEN, N_("Ten moves back (Page Up)")},
                   {ICON_PREVIOUS, N_("One move back (←)")}, {ICON_PLAY, N_("Shows the game by itself (A)")},
                   {ICON_NEXT, N_("One move on (→)")},       {ICON_ON_TEN, N_("Ten moves on (Page Down)")},
                   {ICON_LAST, N_("To the end (End)")}};
    char text[64], move[GAME_MOVE_TEXT_MAX];
    for (int i = 0; i < 7; i++) {
        struct rect place = {x + side * (float)i, area.y + (area.h - side) / 2, side, side};
        bool able = i < 3 ? session->node != session->root : session->node->first_child != NULL;
        bool running = i == 3 && app->autoplay_at;
        /* Play and Next look alike: the one in the middle has a ring. */
        if (i == 3)
            canvas_ring(app->shell.canvas, place.x + side / 2, place.y + side / 2, side * 0.42f, 1.3f * u,
                        able || running ? theme->muted : theme->border);
        if (!ui_icon_button(&app->shell.ui, place, running ? ICON_PAUSE : buttons[i].icon, able || running, false,
                            _(buttons[i].tip)))
            continue;
        static const SDL_Keycode keys[] = {SDLK_HOME,  SDLK_PAGEUP,   SDLK_LEFT, SDLK_a,
                                           SDLK_RIGHT, SDLK_PAGEDOWN, SDLK_END};
        app_key(app, keys[i], 0);
    }
    g_snprintf(text, sizeof text, _("Move %d"), session_move_number(session));
    float room = x - area.x - 8 * u;
    if (room > 40 * u)
        canvas_text(app->shell.canvas, area.x + 4 * u, area.y + area.h / 2, TEXT_SMALL, TEXT_LEFT, room, theme->muted,
                    text);
    if (session->last != GAME_NO_MOVE && room > 40 * u)
        canvas_text(app->shell.canvas, area.x + area.w - 4 * u, area.y + area.h / 2, TEXT_SMALL, TEXT_RIGHT, room,
                    theme->muted, session_move_text(session, session->last, move));
}
