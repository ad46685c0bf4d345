/* The list of games: saves every game in a folder of its own, and sets a game that is replaced aside, for undo. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agents/clock.h"
#include "engine/viewer/session/brain.h"
#include "engine/viewer/session/session.h"
#include "engine/viewer/session/session_internal.h"
#include "engine/viewer/text.h"
#include "games/game.h"
#include "games/record/sgf.h"

enum { NOTES_US = 2000000 }; /* changes of notes alone are saved no more often than this */

/* Properties of the root that only files of the list have: the agents' specs ("" for humans), control and remaining
 * times of the clocks, and the nodes shown and where the game ended (or none), by their numbers in the file. */
static const char players_property[] = "TENGENPLAYERS", clock_property[] = "TENGENCLOCK",
                  left_property[] = "TENGENLEFT", node_property[] = "TENGENNODE";

/* ---- what a record in the list says of the game ---- */

static int number_of(const struct session *session, const struct sgf_node *node)
{
    int number = 0;
    for (const struct sgf_node *at = session->root; at && at != node; at = sgf_next(session->root, at))
        number++;
    return number;
}

static void write_clocks(const struct session *session)
{
    char text[AGENT_CLOCK_TEXT_MAX], left[160];
    sgf_set_text(session->root, clock_property, agent_clock_spell(&session->setup.clock, text));
    for (int i = 0; i < 2; i++) {
        struct agent_clock now;
        session_clock_now(session, i, &now);
        g_snprintf(left, sizeof left, "%" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %d %d", now.main_ms, now.byo_ms,
                   now.byo_moves, now.periods);
        (i ? sgf_append : sgf_set)(session->root, left_property, left);
    }
}

/* Writes these properties, or removes them. */
static void write_kept(const struct session *session, bool on)
{
    char number[16];
    for (int i = 0; i < 2 && on; i++) {
        char *spec = sgf_escape(session->setup.players[i].human ? "" : session->setup.players[i].agent);
        (i ? sgf_append : sgf_set)(session->root, players_property, spec);
        g_free(spec);
    }
    if (on) {
        g_snprintf(number, sizeof number, "%d", number_of(session, session->node));
        sgf_set(session->root, node_property, number);
        if (session->end_node) {
            g_snprintf(number, sizeof number, "%d", number_of(session, session->end_node));
            sgf_append(session->root, node_property, number);
        }
        if (agent_clock_kind(&session->setup.clock) != AGENT_CLOCK_NONE)
            write_clocks(session);
    } else {
        sgf_unset(session->root, players_property);
        sgf_unset(session->root, clock_property);
        sgf_unset(session->root, left_property);
        sgf_unset(session->root, node_property);
    }
}

static struct sgf_node *node_of(const struct session *session, const char *number)
{
    struct sgf_node *node = session->root;
    for (int left = number ? atoi(number) : 0; node && left > 0; left--)
        node = sgf_next(session->root, node);
    return node ? node : sgf_last(session->root);
}

static void read_clocks(struct session *session)
{
    char *text = sgf_text(session->root, clock_property);
    const struct sgf_property *left = sgf_find(session->root, left_property);
    struct agent_clock control;
    if (text && left && left->count == 2 && agent_clock_parse(text, &control, NULL)) {
        session->setup.clock = control;
        for (int i = 0; i < 2; i++) {
            struct agent_clock now = control;
            if (sscanf(left->values[i], "%" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %d %d", &now.main_ms, &now.byo_ms,
                       &now.byo_moves, &now.periods) == 4 &&
                now.main_ms >= 0 && now.byo_ms >= 0)
                session->clock[i] = now;
            else
                session->clock[i] = control;
        }
    }
    g_free(text);
}

/* RE as this program writes it, at the node shown. */
static void read_outcome(struct session *session)
{
    char *text = sgf_text(session->root, "RE");
    struct session_outcome *outcome = &session->outcome;
    if (text && (g_str_equal(text, "0") || ((*text == 'B' || *text == 'W') && text[1] == '+'))) {
        const char *how = *text == '0' ? "" : text + 2;
        outcome->winner = *text == '0' ? -1 : (*text == 'B') == (session->position.p.black_player == 0) ? 0 : 1;
        outcome->end = *how == 'R' ? END_RESIGNED : *how == 'T' ? END_TIME : END_RULES;
        if (outcome->end == END_RULES && session->game.ops->counting && session->last == session_pass_move(session))
            outcome->end = END_AGREED;
        outcome->margin = (float)g_ascii_strtod(how, NULL) * (outcome->winner == 1 ? -1.0f : 1.0f);
        session->end_node = session->node;
    }
    g_free(text);
}

/* Restores players, clocks, place and outcome. */
static void read_kept(struct session *session)
{
    const struct sgf_property *players = sgf_find(session->root, players_property);
    if (!players || players->count != 2)
        return;
    for (int i = 0; i < 2; i++) {
        char *spec = sgf_unescape(players->values[i]);
        session->setup.players[i].human = !*spec;
        g_strlcpy(session->setup.players[i].agent, spec, sizeof session->setup.players[i].agent);
        g_free(spec);
    }
    read_clocks(session);
    const struct sgf_property *nodes = sgf_find(session->root, node_property);
    struct sgf_node *shown = node_of(session, nodes ? nodes->values[0] : "1000000000");
    struct sgf_node *end = nodes && nodes->count > 1 ? node_of(session, nodes->values[1]) : NULL;
    write_kept(session, false);
    if (end) {
        session_visit(session, end);
        read_outcome(session);
    }
    session_visit(session, shown);
    session->result_counted = session->outcome.end != END_NONE;
    session->live = session->outcome.end == END_NONE;
    session_check_end(session);
}

/* ---- saving ---- */

bool session_begun(const struct session *session)
{
    static const char *const contents[] = {"AB", "AW", "AE", "C"};
    bool any = session->root->first_child != NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(contents) && !any; i++)
        any = sgf_find(session->root, contents[i]) && (i >= 2 || !sgf_find(session->root, "HA"));
    return any;
}

static int64_t stamp_of(const char *path)
{
    struct stat at;
    return stat(path, &at) == 0 ? at.st_mtim.tv_sec * 1000000000 + at.st_mtim.tv_nsec + (int64_t)at.st_size : 0;
}

/* Creates an empty file that no other game has: "2026-11-28-213045-go9.sgf". Returns its path, or NULL. */
static char *create_file(const struct session *session)
{
    GDateTime *now = g_date_time_new_now_local();
    char *date = g_date_time_format(now, "%Y-%m-%d-%H%M%S");
    char *path = NULL;
    int file = -1;
    for (int i = 0; file < 0 && i < 1000; i++) {
        char extra[16] = "";
        if (i)
            g_snprintf(extra, sizeof extra, "-%d", i);
        g_free(path);
        path = g_strdup_printf("%s/%s-%s%d%s.sgf", session->keep_folder, date, session->game.ops->name,
                               session->game.width, extra);
        file = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
        if (file < 0 && errno != EEXIST)
            break;
    }
    if (file < 0)
        g_clear_pointer(&path, g_free);
    else
        close(file);
    g_free(date);
    g_date_time_unref(now);
    return path;
}

static bool write_file(struct session *session)
{
    /* Another process has changed the file: leave it its game. */
    if (session->kept && stamp_of(session->kept) != session->kept_stamp)
        g_clear_pointer(&session->kept, g_free);
    g_mkdir_with_parents(session->keep_folder, 0700);
    if (!session->kept && !(session->kept = create_file(session)))
        return false;
    size_t length;
    write_kept(session, true);
    char *text = session_text(session, &length);
    write_kept(session, false);
    bool ok = g_file_set_contents(session->kept, text, (gssize)length, NULL);
    session->kept_stamp = stamp_of(session->kept);
    g_free(text);
    return ok;
}

static void keep(struct session *session, bool at_once)
{
    bool changed = session->revision != session->kept_revision;
    bool noted = session->note_revision != session->kept_note_revision;
    int64_t now = g_get_monotonic_time();
    if (!session->keep_folder || !session->sgf || !(changed || noted) || !session_begun(session) ||
        (!changed && !at_once && now - session->kept_us < NOTES_US))
        return;
    session->kept_revision = session->revision;
    session->kept_note_revision = session->note_revision;
    session->kept_us = now;
    if (!write_file(session))
        session_notify(session, NOTICE_WARNING, _("Cannot save the game in %s: %s"), session->keep_folder,
                       g_strerror(errno));
}

void session_keep(struct session *session)
{
    keep(session, true);
}

void session_keep_soon(struct session *session)
{
    keep(session, false);
}

void session_loaded_from(struct session *session, const char *path)
{
    char *folder = g_path_get_dirname(path);
    session->kept_revision = session->revision;
    /* Only files of the list are trusted to name agents, which may be command lines. */
    if (session->keep_folder && g_str_equal(folder, session->keep_folder)) {
        session->kept = g_strdup(path);
        session->kept_stamp = stamp_of(path);
        read_kept(session);
        session->kept_revision = session->revision;
        session->kept_note_revision = session->note_revision;
        session_clock_go(session);
        session_think_again(session);
    }
    g_free(folder);
}

void session_keep_in(struct session *session, const char *folder)
{
    g_free(session->keep_folder);
    session->keep_folder = g_strdup(folder);
}

/* ---- setting a game aside ---- */

void session_free_record(struct session *session)
{
    if (session->notes)
        g_hash_table_destroy(session->notes);
    session->notes = NULL;
    sgf_free(session->sgf);
    session->sgf = NULL;
    g_clear_pointer(&session->line.moves, g_free);
    g_clear_pointer(&session->kept, g_free);
    history_clear(&session->history);
}

void session_free_shelved(struct session *shelved)
{
    if (shelved)
        session_free_record(shelved);
    g_free(shelved);
}

void session_shelve(struct session *session)
{
    if (session->sgf && session_begun(session)) {
        session_clock_stop(session);
        session_keep(session);
        session_free_shelved(session->shelved);
        session->shelved = g_memdup2(session, sizeof *session);
        session->shelved->shelved = NULL;
        session->sgf = NULL;
        session->notes = NULL;
        session->kept = NULL;
        session->line.moves = NULL;
        session->history = (struct history){0};
    }
    session_free_record(session);
    session->notes = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, g_free);
    history_init(&session->history, 1);
}

void session_unshelve(struct session *session)
{
    struct session *old = session->shelved;
    if (!old)
        return;
    brain_cancel(session->brain);
    session_clock_stop(session);
    session_keep(session);
    struct session now = *session;
    *session = *old;
    session->brain = now.brain;
    session->keep_folder = now.keep_folder;
    session->analysis_wanted = now.analysis_wanted;
    session->overlay_wanted = now.overlay_wanted;
    session->pondering = now.pondering;
    memcpy(session->analyst_net, now.analyst_net, sizeof session->analyst_net);
    session->notice_number = now.notice_number;
    session->thinking = session->hint = session->sweeping = false;
    session->analysis_node = session->sweep_node = NULL;
    session->shelved = NULL;
    if (session_begun(&now)) {
        *old = now;
        old->shelved = NULL;
        session->shelved = old;
    } else {
        session_free_record(&now);
        g_free(old);
    }
    session_notify(session, NOTICE_INFO, "%s", _("The previous game is back"));
    session_clock_go(session);
    session_think_again(session);
}
