/* What a terminal shows of a run: the live line with its bar, and a plain line every few minutes. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "engine/match/statistics/rating.h"
#include "engine/settings/settings.h"
#include "engine/store/store.h"
#include "engine/training/progress.h"
#include "engine/training/reporter.h"
#include "engine/training/training.h"
#include "engine/training/training_internal.h"
#include "games/game.h"
#include "net/targets.h"
#include "net/train.h"
#include "state.h"

static struct progress_report report_at(double seconds, double left)
{
    return (struct progress_report){.seconds = seconds,
                                    .seconds_left = left,
                                    .games = 1234,
                                    .games_per_s = 2.5,
                                    .generation = 7,
                                    .has_losses = true,
                                    .losses.target = {[NET_TARGET_POLICY] = 1.25f, [NET_TARGET_VALUE] = 0.5f},
                                    .diversity = 0.9,
                                    .elo = {.known = true, .elo = 300, .low = 250, .high = 350}};
}

static void expect_line(const struct progress_report *report, int columns, const char *wanted)
{
    char *line = progress_live(report, columns);
    cr_expect_str_eq(line, wanted);
    free(line);
}

Test(live_line, bar_shows_the_part_of_the_time_that_is_over)
{
    struct progress_report report = report_at(900, 2700);
    expect_line(
        &report, 200,
        "[#####---------------] 25 %, 45 min 00 s left | 1234 games, 2.5/s | policy 1.250, value 0.500 | gen 7 | "
        "Elo 300 (250..350)");
    report = report_at(75, -1); /* until Ctrl-C */
    report.elo.known = false;
    report.diversity = 0.1;
    expect_line(&report, 200, "1 min 15 s | 1234 games, 2.5/s | policy 1.250, value 0.500 | gen 7 | FEW OPENINGS");
    report.has_losses = false;
    report.rows = 500;
    report.first_rows = 2000;
    expect_line(&report, 200, "1 min 15 s | 1234 games, 2.5/s | 500 of 2000 rows | gen 7 | FEW OPENINGS");
}

/* A fixed opponent: how often it searches, and how the run fared in the games that were judged last, if any were. */
Test(live_line, opponent)
{
    struct progress_report report = report_at(75, -1);
    report.elo.known = false;
    report.opponent_visits = 4;
    report.opponent_score = -1;
    expect_line(&report, 200, "1 min 15 s | 1234 games, 2.5/s | policy 1.250, value 0.500 | gen 7");
    for (int judged = 0; judged < 2; judged++) {
        char *text;
        size_t length;
        FILE *out = open_memstream(&text, &length);
        report.opponent_score = judged ? 0.58 : -1;
        progress_print(out, PROGRESS_JSON, &report);
        progress_print(out, PROGRESS_PLAIN, &report);
        fclose(out);
        cr_expect(strstr(text, judged ? "\"opponent_visits\":4,\"opponent_score\":0.57" : "\"opponent_visits\":4,\"opponent_score\":null"),
                  "%s", text);
        cr_expect(strstr(text, judged ? "| opponent at 4 visits, 58 % against it" : "| opponent at 4 visits\n"), "%s", text);
        free(text);
    }
    report.opponent_score = 0.58;
    expect_line(&report, 200,
                "1 min 15 s | 1234 games, 2.5/s | policy 1.250, value 0.500 | gen 7 | 58 % against opponent (4 visits)");
}

/* A line that is longer than the terminal would not be overwritten but fill the screen. */
Test(live_line, fits_the_terminal)
{
    struct progress_report report = report_at(900, 2700);
    for (int columns = 50; columns < 130; columns++) {
        char *line = progress_live(&report, columns);
        cr_expect(strlen(line) < (size_t)columns, "%d columns: %s", columns, line);
        free(line);
    }
    expect_line(&report, 70, "[#####---------------] 25 %, 45 min 00 s left | 1234 games, 2.5/s");
}

/* The plain line has the means of the minutes that it is about, not the last report's. */
Test(live_line, plain_line_every_five_minutes)
{
    char *text;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    struct game game;
    struct settings settings;
    char folder[] = "/tmp/tengen-live-XXXXXX";
    cr_assert(mkdtemp(folder) && game_parse(&game, "gomoku:3,line=3", NULL));
    settings_presets(&settings, &game);
    struct store *store = open_run_in(folder, "run", &settings);
    const struct training_options options = {.store = store, .settings = &settings, .style = PROGRESS_LIVE, .out = out};
    struct training_reporter reporter;
    const double now = training_clock();
    training_reporter_begin(&reporter, &options, now - 200, &(struct progress_report){.games = 1000});
    reporter.estimated = true; /* a line of its own */
    struct progress_report report = report_at(0, -1);
    report.games = 1100;
    report.losses.target[NET_TARGET_POLICY] = 3;
    training_report(&reporter, report, 1000);
    fflush(out);
    cr_expect_null(strchr(text, '\n'), "%s", text);
    reporter.summary.since -= 200;
    report.games = 1400;
    report.losses.target[NET_TARGET_POLICY] = 1;
    training_report(&reporter, report, 41000);
    fflush(out);
    cr_expect(strstr(text, "1400 games, 0 positions, 1.0 games/s, 102 evals/s"), "%s", text);
    cr_expect(strstr(text, "policy 2.000"), "%s", text);
    cr_expect(strchr(text, '\n') && strchr(text, '\n') == strrchr(text, '\n'), "one line: %s", text);
    const size_t before = length;
    training_report(&reporter, report, 41000);
    fclose(out);
    cr_expect_null(strchr(text + before, '\n'), "%s", text + before);
    store_close(store);
    free(text);
}
