#include "engine/viewer/text_mode.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "agents/agent.h"
#include "engine/viewer/preferences.h"
#include "engine/viewer/session/archive.h"
#include "engine/viewer/session/brain.h"
#include "engine/viewer/session/session.h"
#include "engine/viewer/text.h"
#include "games/game.h"

enum { LISTED_GAMES = 20 };

/* The brain's thread wakes the main thread through a pipe. */
static int wake_pipe[2] = {-1, -1};

static void wake(void *user)
{
    (void)user;
    ssize_t done = write(wake_pipe[1], "", 1);
    (void)done; /* if the pipe is full, it is readable anyway */
}

/* Waits until the engine has moved or the hint is available. */
static void wait_for_engine(struct session *session)
{
    char bytes[256];
    session_poll(session);
    while (session->thinking || (session->hint && !session_analysis(session))) {
        struct pollfd waited = {.fd = wake_pipe[0], .events = POLLIN};
        if (poll(&waited, 1, 250) > 0 && read(wake_pipe[0], bytes, sizeof bytes) < 0 && errno != EINTR)
            return;
        session_poll(session);
    }
}

static void show(struct session *session)
{
    char text[200];
    game_print(&session->game, &session->position.p, stdout);
    if (session->notice[0])
        puts(session->notice);
    session->notice[0] = '\0';
    if (session->state == SESSION_PLAYING)
        printf(_("%s to move\n"), session_colour_name(session->position.p.colour));
    if (session->state == SESSION_COUNTING)
        printf(_("%s leads by %g; \"dead POINT\" toggles a chain, \"accept\" ends the game\n"),
               session_colour_name(session->score.margin > 0 ? GAME_BLACK : GAME_WHITE),
               (double)ABS(session->score.margin));
    if (session->state == SESSION_OVER)
        puts(session_outcome_text(session, text, sizeof text));
    fflush(stdout);
}

static void show_dead(const struct session *session)
{
    char text[GAME_MOVE_TEXT_MAX];
    fputs(_("Dead:"), stdout);
    for (int p = 0; p < session->game.points; p++)
        if (session->dead[p])
            printf(" %s", game_move_format(&session->game, (game_move)p, text));
    putchar('\n');
}

static void show_hint(struct session *session)
{
    char text[GAME_MOVE_TEXT_MAX];
    session_hint(session);
    wait_for_engine(session);
    const struct analysis *analysis = session_analysis(session);
    for (int i = 0; analysis && i < MIN(analysis->count, 5); i++)
        printf("%-6s %5.1f %%  %d\n", game_move_format(&session->game, analysis->candidates[i].move, text),
               100 * agent_chance(analysis->candidates[i].value), (int)analysis->candidates[i].visits);
    session_stop_thinking(session);
    session->live = true;
}

static void list_games(const GPtrArray *games)
{
    for (guint i = 0; i < MIN(games->len, LISTED_GAMES); i++) {
        struct archive_entry *entry = g_ptr_array_index(games, i);
        archive_read(entry);
        if (entry->moves < 0)
            printf("%3u  %s\n", i + 1, entry->path);
        else
            printf(_("%3u  %s, %s, move %d %s\n"), i + 1, entry->game, entry->players, entry->moves, entry->result);
    }
}

/* "games" lists the games that were kept, the last one first; "games N" loads one. */
static void choose_game(struct session *session, const char *number)
{
    session_keep(session);
    GPtrArray *games = archive_list(session->keep_folder);
    char *end;
    guint64 chosen = g_ascii_strtoull(number, &end, 10);
    if (!*number)
        list_games(games);
    else if (*end || chosen < 1 || chosen > games->len)
        session_notify(session, NOTICE_WARNING, _("There is no game %s; \"games\" lists the games"), number);
    else
        session_load(session, ((struct archive_entry *)g_ptr_array_index(games, chosen - 1))->path);
    g_ptr_array_free(games, TRUE);
}

static void print_help(void)
{
    puts(_("Moves: D4, pass, swap, stay, place-two. Commands: undo, redo, resign, hint, go (the engine moves), dead "
           "POINT,\n"
           "accept, resume, save FILE, load FILE, games (lists the games you began), games N (loads one),\n"
           "continue (the last unfinished game), new, help, "
           "quit."));
}

static void resume_game(struct session *session, const char *unfinished)
{
    if (unfinished)
        session_load(session, unfinished);
    else
        session_notify(session, NOTICE_WARNING, "%s", _("There was no unfinished game; \"games\" lists the games"));
}

/* unfinished: the game for "continue", or NULL. Returns false for "quit". */
static bool run_command(struct session *session, const struct preferences *preferences, const char *unfinished,
                        const char *line)
{
    char word[32] = "", argument[512] = "";
    struct session_setup setup;
    if (sscanf(line, "%31s %511[^\n]", word, argument) < 1)
        return true;
    game_move move = game_move_parse(&session->game, word), point = game_move_parse(&session->game, argument);
    if (g_str_equal(word, "quit") || g_str_equal(word, "exit"))
        return false;
    if (move != GAME_NO_MOVE)
        session_play(session, move);
    else if (g_str_equal(word, "undo"))
        session_undo(session);
    else if (g_str_equal(word, "redo"))
        session_redo(session);
    else if (g_str_equal(word, "resign"))
        session_resign(session);
    else if (g_str_equal(word, "hint"))
        show_hint(session);
    else if (g_str_equal(word, "go"))
        session_engine_move(session);
    else if (g_str_equal(word, "dead") && point < session->game.points)
        session_toggle_dead(session, point);
    else if (g_str_equal(word, "accept"))
        session_accept(session);
    else if (g_str_equal(word, "resume"))
        session_resume(session);
    else if (g_str_equal(word, "save") && *argument)
        session_save(session, argument);
    else if (g_str_equal(word, "load") && *argument)
        session_load(session, argument);
    else if (g_str_equal(word, "continue"))
        resume_game(session, unfinished);
    else if (g_str_equal(word, "games"))
        choose_game(session, argument);
    else if (g_str_equal(word, "new") && preferences_setup(preferences, &setup, NULL))
        session_start(session, &setup);
    else if (g_str_equal(word, "help"))
        print_help();
    else
        session_notify(session, NOTICE_WARNING, _("unknown move or command \"%s\"; \"help\" lists the commands"), word);
    return true;
}

bool text_mode_play(const struct preferences *preferences, const char *file, int threads, GError **error)
{
    struct session_setup setup;
    char line[1024];
    if (!preferences_setup(preferences, &setup, error))
        return false;
    if (pipe(wake_pipe) != 0) {
        g_set_error(error, GAME_ERROR, GAME_ERROR_FILE, "cannot create a pipe: %s", g_strerror(errno));
        return false;
    }
    struct session *session = session_new(&setup, threads, wake, NULL);
    char *folder = preferences_games_folder(), *unfinished = archive_unfinished(folder);
    session_keep_in(session, folder);
    bool ok = true;
    if (file && !session_load(session, file)) {
        g_set_error(error, GAME_ERROR, GAME_ERROR_FILE, "%s", session->notice);
        ok = false;
    }
    if (ok) {
        print_help();
        if (unfinished)
            puts(_("Your last game is unfinished: \"continue\" resumes it."));
    }
    g_free(folder);
    do {
        if (!ok)
            break;
        wait_for_engine(session);
        show(session);
        if (session->state == SESSION_COUNTING)
            show_dead(session);
        fputs("> ", stdout);
        fflush(stdout);
    } while (fgets(line, sizeof line, stdin) && run_command(session, preferences, unfinished, line));
    putchar('\n');
    g_free(unfinished);
    session_free(session);
    close(wake_pipe[0]);
    close(wake_pipe[1]);
    return ok;
}
