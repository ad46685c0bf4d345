/* The window's engine remembers games that it lost, and says so. */
#include <criterion/criterion.h>
#include <time.h>
#include <unistd.h>

#include "agents/memory/file.h"
#include "engine/viewer/session/session.h"
#include "engine/viewer/session/session_internal.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "net/net.h"

static char folder[] = "/tmp/tengen-viewer-XXXXXX";

static void set_up(void)
{
    struct game game;
    struct net *net;
    cr_assert(mkdtemp(folder));
    cr_assert(chdir(folder) == 0);
    cr_assert(game_parse(&game, "gomoku:5,line=3", NULL));
    cr_assert_eq(evaluator_net_fresh(&net, &game, "conv:8 res:8", 1, NULL), 0);
    cr_assert_eq(net_save(net, "net", NULL, NULL), 0);
    net_unref(net);
}

static void tear_down(void)
{
    char *command = g_strdup_printf("rm -rf '%s'", folder);
    if (system(command) != 0)
        cr_log_warn("%s could not be removed", folder);
    g_free(command);
}

TestSuite(viewer_memory, .init = set_up, .fini = tear_down);

static struct session *open_session(const char *memory)
{
    struct session_setup setup = {.seed = 1, .players = {{.human = true}}};
    cr_assert(game_parse(&setup.game, "gomoku:5,line=3", NULL));
    g_strlcpy(setup.players[1].agent, "net:net,visits=20,symmetry=none,backend=plain,dtype=f32",
              sizeof setup.players[1].agent);
    g_strlcpy(setup.memory, memory, sizeof setup.memory);
    return session_new(&setup, 1, NULL, NULL);
}

/* Polls until the condition holds, ten seconds at most. */
#define UNTIL(condition)                                                                                               \
    do {                                                                                                               \
        for (int waited_ = 0; !(condition) && waited_ < 2000; waited_++) {                                             \
            session_poll(s);                                                                                           \
            g_usleep(5000);                                                                                            \
        }                                                                                                              \
        cr_assert(condition, "timed out waiting for " #condition ": %s", s->notice);                                   \
    } while (0)

static bool is_free(const struct session *s, int x, int y)
{
    return x >= 0 && x < 5 && y >= 0 && y < 5 && s->game.ops->stone(&s->game, &s->position.p, y * 5 + x) == GAME_EMPTY;
}

static void play(struct session *s, int x, int y)
{
    cr_assert(session_play(s, (game_move)(y * 5 + x)), "%s", s->notice);
    UNTIL(s->state == SESSION_OVER || !s->thinking);
}

/* Two beside each other with room at both ends, then three. */
static void win(struct session *s)
{
    static const int ways[4][2] = {{1, 0}, {0, 1}, {1, 1}, {1, -1}};
    for (int d = 0; d < 4; d++) {
        const int x = ways[d][0], y = ways[d][1];
        if (!is_free(s, 2 + x, 2 + y) || !is_free(s, 2 - x, 2 - y) || !is_free(s, 2 + 2 * x, 2 + 2 * y))
            continue;
        play(s, 2 + x, 2 + y);
        const bool before = is_free(s, 2 - x, 2 - y);
        play(s, before ? 2 - x : 2 + 2 * x, before ? 2 - y : 2 + 2 * y);
        cr_assert(s->state == SESSION_OVER && s->outcome.winner == 0);
        return;
    }
    cr_assert_fail("there is no room");
}

static size_t count_lessons(void)
{
    struct memory_file *file = NULL;
    cr_assert(memory_file_open(&file, "m.db", NULL));
    GPtrArray *lessons = memory_file_lessons(file, NULL);
    const size_t count = lessons->len;
    g_ptr_array_free(lessons, TRUE);
    memory_file_close(file);
    return count;
}

Test(viewer_memory, a_game_that_you_won_is_recognised)
{
    struct session *s = open_session("m.db");
    play(s, 2, 2);
    cr_assert_null(strstr(s->notice, "You won"));
    win(s);
    cr_assert(s->studying);
    UNTIL(!s->studying);
    cr_assert(strstr(s->notice, "wins"), "the result is still shown, not \"%s\"", s->notice);
    cr_assert_eq(count_lessons(), 1);
    const struct session_setup again = s->setup;
    session_start(s, &again);
    play(s, 2, 2);
    cr_assert(g_str_has_prefix(s->notice, "You won like this"), "%s", s->notice);
    session_free(s);
}

/* Whether the file has a lesson, and its game was studied to the end. */
static bool is_studied(void)
{
    struct memory_file *file = NULL;
    cr_assert(memory_file_open(&file, "m.db", NULL));
    GPtrArray *lessons = memory_file_lessons(file, NULL);
    const bool studied = lessons->len == 1 && !((const struct memory_lesson *)lessons->pdata[0])->unfinished;
    g_ptr_array_free(lessons, TRUE);
    memory_file_close(file);
    return studied;
}

/* A new game does not wait for the study, which goes on while it is the human's turn. */
Test(viewer_memory, a_study_waits_while_something_else_is_wanted)
{
    struct session *s = open_session("m.db");
    play(s, 2, 2);
    win(s);
    const struct session_setup again = s->setup;
    session_start(s, &again);
    cr_assert_not(s->studying);
    play(s, 2, 2);
    UNTIL(is_studied());
    cr_assert(session_human_to_move(s));
    play(s, 0, 0);
    session_free(s);
    cr_assert(is_studied());
}

/* Not even a window that is closed at once loses what the game showed. */
Test(viewer_memory, the_end_of_the_session_keeps_the_game)
{
    struct session *s = open_session("m.db");
    play(s, 2, 2);
    win(s);
    session_free(s);
    cr_assert_eq(count_lessons(), 1);
}

Test(viewer_memory, none_without_a_file)
{
    struct session *s = open_session("");
    play(s, 2, 2);
    win(s);
    UNTIL(!s->studying);
    const struct session_setup again = s->setup;
    session_start(s, &again);
    play(s, 2, 2);
    cr_assert_null(strstr(s->notice, "You won"));
    session_free(s);
    cr_assert_neq(access("m.db", F_OK), 0);
}

Test(viewer_memory, a_file_that_cannot_be_used_is_reported_and_play_goes_on)
{
    cr_assert(g_file_set_contents("m.db", "this is no database, but it is long enough", -1, NULL));
    struct session *s = open_session("m.db");
    play(s, 2, 2);
    UNTIL(strstr(s->notice, "no memory of earlier games: ") && strstr(s->notice, "m.db"));
    win(s);
    UNTIL(!s->studying);
    session_free(s);
}

Test(viewer_memory, the_day_is_named_as_people_do)
{
    struct session *s = open_session("");
    GDateTime *now = g_date_time_new_now_local();
    static const char *const names[] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
    static const int ago[] = {0, 1, 2, 6, 7, 400};
    for (size_t i = 0; i < G_N_ELEMENTS(ago); i++) {
        GDateTime *then = g_date_time_add_days(now, -ago[i]);
        char *wanted = ago[i] == 0   ? g_strdup("You won like this earlier today")
                       : ago[i] == 1 ? g_strdup("You won like this yesterday")
                       : ago[i] < 7
                           ? g_strdup_printf("You won like this on %s", names[g_date_time_get_day_of_week(then) - 1])
                           : g_date_time_format(then, "You won like this on %Y-%m-%d");
        session_recall(s, g_date_time_to_unix(then));
        cr_assert_str_eq(s->notice, wanted);
        g_free(wanted);
        g_date_time_unref(then);
    }
    g_date_time_unref(now);
    session_free(s);
}
