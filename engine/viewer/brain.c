#include "engine/viewer/brain.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "games/go.h"

enum {
    NICE = 5,           /* below the window */
    REPORT_MS = 120,    /* between two snapshots of an analysis */
    SETTLE_VISITS = 96, /* of the look at who owns what, before answering a pass */
    SETTLE_MS = 3000,
    PASS_TRIES = 20 /* of one that samples a pass on an open board */
};

enum job_kind { JOB_NONE, JOB_CHOOSE, JOB_ANALYSE, JOB_PONDER };
struct job {
    enum job_kind kind;
    uint32_t ticket;
    struct brain_line line; /* moves: owned */
    char spec[BRAIN_SPEC_MAX];
    struct agent_clock clock;
    uint64_t seed;
    int64_t visits;
    bool listens; /* to what the agent thinks while it chooses */
};

/* An agent and what it was told. */
struct seat {
    struct agent *agent;
    struct brain_line line;
};

struct brain {
    struct brain_config config;
    pthread_t thread;
    atomic_bool stop; /* the job under way should end */

    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t changed;
    struct job waiting;
    uint32_t tickets, current; /* current: the job whose news count */
    bool ending;
    struct agent *choosing; /* the agent that agent_stop may be called for */
    GQueue news;            /* struct brain_news */
    bool has_found;
    struct analysis found;

    /* The brain's thread alone. */
    struct seat seats[2];
    struct seat analyst;
    struct analysis scratch; /* written by on_report while the thread waits for its search */
    int points;
};

/* ---- lines ---- */

static void line_copy(struct brain_line *to, const struct brain_line *from)
{
    *to = *from;
    to->moves = g_memdup2(from->moves, sizeof *from->moves * (size_t)from->count);
}

static void line_clear(struct brain_line *line)
{
    g_free(line->moves);
    line->moves = NULL;
}

static bool same_start(const struct brain_line *a, const struct brain_line *b)
{
    return game_equal(&a->game, &b->game) && a->from_start == b->from_start &&
           (a->from_start || memcmp(&a->start, &b->start, a->game.position_bytes) == 0);
}

/* ---- news ---- */

static void wake(struct brain *brain)
{
    if (brain->config.wake)
        brain->config.wake(brain->config.user);
}

static void publish(struct brain *brain, const struct brain_news *news)
{
    pthread_mutex_lock(&brain->lock);
    bool wanted = news->ticket == brain->current;
    if (wanted)
        g_queue_push_tail(&brain->news, g_memdup2(news, sizeof *news));
    pthread_mutex_unlock(&brain->lock);
    if (wanted)
        wake(brain);
}

static void publish_failure(struct brain *brain, uint32_t ticket, GError *error)
{
    struct brain_news news = {.kind = BRAIN_FAILED, .ticket = ticket};
    g_strlcpy(news.message, error ? error->message : "failed", sizeof news.message);
    g_clear_error(&error);
    publish(brain, &news);
}

static void publish_found(struct brain *brain)
{
    pthread_mutex_lock(&brain->lock);
    bool wanted = brain->scratch.ticket == brain->current;
    if (wanted) {
        brain->found = brain->scratch;
        brain->has_found = true;
    }
    pthread_mutex_unlock(&brain->lock);
    if (wanted)
        wake(brain);
}

/* ---- seats: agents, and what they were told ---- */

static void close_seat(struct seat *seat)
{
    agent_close(seat->agent);
    line_clear(&seat->line);
    *seat = (struct seat){0};
}

static bool fits(const struct seat *seat, const struct job *job, const char *spec)
{
    return seat->agent && strcmp(seat->agent->spec, spec) == 0 && game_equal(&seat->line.game, &job->line.game);
}

/* The player's seat whose agent has this spec, or a free one, or the one that was told of less. */
static struct seat *find_seat(struct brain *brain, const struct job *job)
{
    for (int i = 0; i < 2; i++)
        if (fits(&brain->seats[i], job, job->spec))
            return &brain->seats[i];
    for (int i = 0; i < 2; i++)
        if (!brain->seats[i].agent)
            return &brain->seats[i];
    struct seat *seat = &brain->seats[brain->seats[0].line.count > brain->seats[1].line.count];
    close_seat(seat);
    return seat;
}

/* The position that a line leads to; false when the game is over there. history: initialised here. */
static bool replay(const struct brain_line *line, struct position *position, struct history *history)
{
    history_init(history, line->count + 1);
    game_copy(&line->game, position, &line->start.p);
    for (int i = 0; i < line->count; i++)
        game_play(&line->game, position, history, line->moves[i]);
    return !game_over(position);
}

/* Begins the agent's game anew, in the line's first position. */
static bool restart(struct seat *seat, const struct job *job, GError **error)
{
    struct brain_line line = job->line;
    line_clear(&seat->line);
    line.moves = NULL;
    line.count = 0;
    seat->line = line;
    if (!agent_new_game(seat->agent, job->seed, error))
        return false;
    if (line.from_start)
        return true;
    struct history none;
    history_init(&none, 1);
    bool fine = agent_set_position(seat->agent, &line.start.p, &none, error);
    history_clear(&none);
    return fine;
}

/* Tells the agent what was played since; anew when moves were taken back. */
static bool catch_up(struct seat *seat, const struct job *job, GError **error)
{
    const struct brain_line *told = &seat->line, *wanted = &job->line;
    bool on = same_start(told, wanted) && told->count > 0 && told->count <= wanted->count &&
              memcmp(told->moves, wanted->moves, sizeof *told->moves * (size_t)told->count) == 0;
    if (!on && !restart(seat, job, error))
        return false;
    for (int i = seat->line.count; i < wanted->count; i++)
        if (!agent_moved(seat->agent, wanted->moves[i], error))
            return false;
    line_clear(&seat->line);
    line_copy(&seat->line, wanted);
    return true;
}

static bool ready_agent(struct brain *brain, struct seat *seat, const struct job *job, const char *spec, GError **error)
{
    const struct agent_config config = {.seed = job->seed, .threads = brain->config.threads};
    if (seat->agent)
        return catch_up(seat, job, error);
    seat->line.game = job->line.game; /* the agent borrows it, so it has to lie where it stays */
    return agent_open(&seat->agent, spec, &seat->line.game, &config, error) == 0 && catch_up(seat, job, error);
}

/* The analyst's seat, in the job's position. net: as in net:NET. */
static bool ready_analyst(struct brain *brain, const struct job *job, const char *net, GError **error)
{
    struct seat *seat = &brain->analyst;
    char *spec = g_strconcat("net:", net, NULL);
    if (!fits(seat, job, spec))
        close_seat(seat);
    bool fine = ready_agent(brain, seat, job, spec, error);
    if (!fine)
        close_seat(seat);
    g_free(spec);
    return fine;
}

/* ---- analysis ---- */

struct listener {
    struct brain *brain;
    uint32_t ticket;
    bool publishes;
};

static void take_candidate(const struct agent_candidate *from, struct brain_candidate *to)
{
    *to = (struct brain_candidate){.move = from->move,
                                   .visits = from->visits,
                                   .win = (from->value + 1) / 2,
                                   .lead = from->score,
                                   .prior = from->prior,
                                   .line_length = MIN(from->length, BRAIN_LINE)};
    memcpy(to->line, from->line, sizeof *to->line * (size_t)to->line_length);
}

/* In any of the search's threads, one at a time, while the brain's own thread waits for the search. */
static void on_report(const struct agent_report *report, void *data)
{
    const struct listener *listener = data;
    struct analysis *found = &listener->brain->scratch;
    int64_t ms = MAX(report->time_ms, 1);
    if (found->first_visits < 0)
        found->first_visits = report->visits, found->first_ms = ms;
    *found = (struct analysis){.ticket = listener->ticket,
                               .first_visits = found->first_visits,
                               .first_ms = found->first_ms,
                               .visits = report->visits,
                               .win = (report->value + 1) / 2,
                               .draw = report->draw,
                               .lead = report->score};
    if (ms > found->first_ms)
        found->visits_per_s = 1e3 * (double)(report->visits - found->first_visits) / (double)(ms - found->first_ms);
    for (int i = 0; i < report->count; i++) {
        const struct agent_candidate *candidate = &report->candidates[i];
        found->prior[candidate->move] = candidate->prior;
        if (found->count < BRAIN_CANDIDATES && (candidate->visits > 0 || i == 0))
            take_candidate(candidate, &found->candidates[found->count++]);
    }
    found->has_map = report->map != NULL;
    if (report->map)
        memcpy(found->map, report->map, sizeof *found->map * listener->brain->points);
    if (listener->publishes)
        publish_found(listener->brain);
}

/* Searches the job's position; found is brain->scratch. visits 0: until stopped. */
static bool search(struct brain *brain, const struct job *job, int64_t visits, int64_t time_ms, bool publishes,
                   GError **error)
{
    struct listener listener = {brain, job->ticket, publishes};
    const struct agent_clock clock = {.visits = visits, .move_ms = time_ms};
    const struct agent_analysis analysis = {.interval_ms = publishes ? REPORT_MS : 0,
                                            .map = job->line.game.has_score,
                                            .stop = &brain->stop,
                                            .report = on_report,
                                            .data = &listener};
    brain->points = job->line.game.points;
    brain->scratch = (struct analysis){.first_visits = -1};
    return agent_analyse(brain->analyst.agent, &clock, &analysis, NULL, error);
}

static bool is_over(const struct brain_line *line)
{
    union any_position at;
    struct history history;
    bool going = replay(line, &at.p, &history);
    history_clear(&history);
    return !going;
}

static void analyse(struct brain *brain, const struct job *job)
{
    GError *error = NULL;
    if (is_over(&job->line))
        return;
    if (!ready_analyst(brain, job, job->spec, &error) || !search(brain, job, job->visits, 0, true, &error)) {
        publish_failure(brain, job->ticket, error);
        return;
    }
    brain->scratch.final = true;
    publish_found(brain);
}

/* ---- answering a pass ---- */

/* How much of a board of Go is nobody's yet. */
struct openness {
    bool known;
    int open;        /* points */
    game_move point; /* the most open */
};

static struct openness look_at_board(struct brain *brain, const struct job *job)
{
    const struct analysis *found = &brain->scratch;
    struct openness board = {.point = GAME_NO_MOVE};
    if (!ready_analyst(brain, job, "default", NULL) || !search(brain, job, SETTLE_VISITS, SETTLE_MS, false, NULL) ||
        !found->has_map)
        return board;
    float least = 0.7f; /* below, a point is nobody's yet */
    board.known = true;
    for (int p = 0; p < job->line.game.points; p++) {
        board.open += fabsf(found->map[p]) < 0.7f;
        if (fabsf(found->map[p]) < least) {
            least = fabsf(found->map[p]);
            board.point = (game_move)p;
        }
    }
    return board;
}

/* More is open than a few shared liberties, which both had better leave alone: to pass would be odd, even where the
 * rules made it a win. */
static bool is_wide_open(const struct openness *board, const struct game *game)
{
    return board->known && board->open > MAX(3, game->points / 8);
}

/* Why it would not pass when the rules count the board as it lies. */
static void explain_refusal(const struct job *job, struct brain_news *news)
{
    union any_position at;
    struct history history;
    if (replay(&job->line, &at.p, &history)) {
        struct game_result lies = game_result(&job->line.game, &at.p);
        if (game_result_sign(&lies, at.p.player) < 0 && news->refusal == BRAIN_NO_REFUSAL) {
            news->refusal = BRAIN_BEHIND;
            news->behind = fabsf(lies.margin);
        }
    }
    history_clear(&history);
}

/* ---- choosing ---- */

static void set_choosing(struct brain *brain, struct agent *agent)
{
    pthread_mutex_lock(&brain->lock);
    brain->choosing = agent;
    pthread_mutex_unlock(&brain->lock);
}

/* Asks the agent; wide_open: it should not pass, which one that searches can be told, and one that samples its policy
 * is asked again. */
static bool ask_agent(struct brain *brain, const struct job *job, struct seat *seat, game_move pass, bool wide_open,
                      struct agent_choice *choice, GError **error)
{
    struct listener listener = {brain, job->ticket, true};
    uint8_t allowed[GAME_MAX_MOVES];
    memset(allowed, 1, sizeof allowed);
    if (pass != GAME_NO_MOVE)
        allowed[pass] = 0;
    const struct agent_analysis analysis = {.interval_ms = REPORT_MS,
                                            .map = job->line.game.has_score,
                                            .allowed = wide_open ? allowed : NULL,
                                            .stop = &brain->stop,
                                            .report = job->listens ? on_report : NULL,
                                            .data = &listener};
    brain->points = job->line.game.points;
    brain->scratch = (struct analysis){.first_visits = -1};
    set_choosing(brain, seat->agent);
    bool fine = true;
    int tries = 0;
    do
        fine = agent_analyse(seat->agent, &job->clock, &analysis, choice, error);
    while (fine && wide_open && choice->move == pass && ++tries < PASS_TRIES && !atomic_load(&brain->stop));
    set_choosing(brain, NULL);
    return fine;
}

static bool is_go(const struct job *job)
{
    return strcmp(job->line.game.ops->name, "go") == 0;
}

static void choose(struct brain *brain, const struct job *job)
{
    GError *error = NULL;
    struct brain_news news = {.kind = BRAIN_CHOSE, .ticket = job->ticket};
    game_move pass = game_move_parse(&job->line.game, "pass");
    bool ours = is_go(job) && strncmp(job->spec, "gtp:", 4) != 0 && strncmp(job->spec, "gomocup:", 8) != 0;
    bool answers_pass = is_go(job) && job->line.count > 0 && job->line.moves[job->line.count - 1] == pass;
    struct openness board = {0};
    if (ours && answers_pass)
        board = look_at_board(brain, job);
    if (board.known && board.open == 0) {
        news.choice = (struct agent_choice){.action = AGENT_PLAYS, .move = pass, .value = NAN};
        publish(brain, &news);
        return;
    }
    struct seat *seat = find_seat(brain, job);
    bool fine = ready_agent(brain, seat, job, job->spec, &error) &&
                ask_agent(brain, job, seat, pass, is_wide_open(&board, &job->line.game), &news.choice, &error);
    /* A pass that answers none, early in the game, as a weak policy may throw in: looked at once more. */
    if (fine && ours && !answers_pass && news.choice.move == pass) {
        board = look_at_board(brain, job);
        if (is_wide_open(&board, &job->line.game))
            fine = ask_agent(brain, job, seat, pass, true, &news.choice, &error);
    }
    if (!fine) {
        close_seat(seat); /* a fresh one next time: what died is not asked again */
        publish_failure(brain, job->ticket, error);
        return;
    }
    if (answers_pass && news.choice.move != pass) {
        if (board.known && board.open > 0) {
            news.refusal = BRAIN_UNSETTLED;
            news.unsettled = board.point;
        }
        explain_refusal(job, &news);
    }
    publish(brain, &news);
}

static void ponder(struct brain *brain, const struct job *job)
{
    if (strncmp(job->spec, "net:", 4) != 0 && strncmp(job->spec, "rollout:", 8) != 0)
        return;
    GError *error = NULL;
    struct seat *seat = find_seat(brain, job);
    const struct agent_analysis analysis = {.stop = &brain->stop};
    if (!ready_agent(brain, seat, job, job->spec, &error) ||
        !agent_analyse(seat->agent, NULL, &analysis, NULL, &error)) {
        close_seat(seat);
        publish_failure(brain, job->ticket, error);
    }
}

/* ---- the thread ---- */

static void *run(void *user)
{
    struct brain *brain = user;
    id_t tid = (id_t)syscall(SYS_gettid);
    setpriority(PRIO_PROCESS, tid, getpriority(PRIO_PROCESS, tid) + NICE);
    pthread_mutex_lock(&brain->lock);
    while (!brain->ending) {
        if (brain->waiting.kind == JOB_NONE) {
            pthread_cond_wait(&brain->changed, &brain->lock);
            continue;
        }
        struct job job = brain->waiting;
        brain->waiting = (struct job){0};
        atomic_store(&brain->stop, false);
        pthread_mutex_unlock(&brain->lock);
        if (job.kind == JOB_CHOOSE)
            choose(brain, &job);
        else if (job.kind == JOB_ANALYSE)
            analyse(brain, &job);
        else
            ponder(brain, &job);
        line_clear(&job.line);
        pthread_mutex_lock(&brain->lock);
    }
    pthread_mutex_unlock(&brain->lock);
    for (int i = 0; i < 2; i++)
        close_seat(&brain->seats[i]);
    close_seat(&brain->analyst);
    return NULL;
}

struct brain *brain_start(const struct brain_config *config)
{
    struct brain *brain = g_new0(struct brain, 1);
    brain->config = *config;
    g_queue_init(&brain->news);
    pthread_mutex_init(&brain->lock, NULL);
    pthread_cond_init(&brain->changed, NULL);
    if (pthread_create(&brain->thread, NULL, run, brain) != 0)
        g_error("no thread could be started");
    return brain;
}

/* With the lock held: whatever is under way or waiting no longer counts. */
static void drop_locked(struct brain *brain)
{
    line_clear(&brain->waiting.line);
    brain->waiting = (struct job){0};
    brain->current = ++brain->tickets;
    brain->has_found = false;
    g_queue_clear_full(&brain->news, g_free);
    atomic_store(&brain->stop, true);
    if (brain->choosing)
        agent_stop(brain->choosing);
}

void brain_end(struct brain *brain)
{
    pthread_mutex_lock(&brain->lock);
    drop_locked(brain);
    brain->ending = true;
    pthread_cond_signal(&brain->changed);
    pthread_mutex_unlock(&brain->lock);
    pthread_join(brain->thread, NULL);
    pthread_mutex_destroy(&brain->lock);
    pthread_cond_destroy(&brain->changed);
    g_free(brain);
}

static uint32_t leave(struct brain *brain, struct job *job, const struct brain_line *line)
{
    line_copy(&job->line, line);
    pthread_mutex_lock(&brain->lock);
    drop_locked(brain);
    job->ticket = brain->current;
    brain->waiting = *job;
    pthread_cond_signal(&brain->changed);
    pthread_mutex_unlock(&brain->lock);
    return job->ticket;
}

uint32_t brain_choose(struct brain *brain, const struct brain_line *line, const char *spec,
                      const struct agent_clock *clock, uint64_t seed, bool listens)
{
    struct job job = {
        .kind = JOB_CHOOSE, .clock = clock ? *clock : (struct agent_clock){0}, .seed = seed, .listens = listens};
    g_strlcpy(job.spec, spec, sizeof job.spec);
    return leave(brain, &job, line);
}

uint32_t brain_analyse(struct brain *brain, const struct brain_line *line, const char *net, int64_t visits)
{
    struct job job = {.kind = JOB_ANALYSE, .visits = visits};
    g_strlcpy(job.spec, net, sizeof job.spec);
    return leave(brain, &job, line);
}

uint32_t brain_ponder(struct brain *brain, const struct brain_line *line, const char *spec, uint64_t seed)
{
    struct job job = {.kind = JOB_PONDER, .seed = seed};
    g_strlcpy(job.spec, spec, sizeof job.spec);
    return leave(brain, &job, line);
}

void brain_hurry(struct brain *brain)
{
    pthread_mutex_lock(&brain->lock);
    if (brain->waiting.kind == JOB_NONE) /* else it has not begun, and would be cleared when it does */
        atomic_store(&brain->stop, true);
    if (brain->choosing)
        agent_stop(brain->choosing);
    pthread_mutex_unlock(&brain->lock);
}

void brain_cancel(struct brain *brain)
{
    pthread_mutex_lock(&brain->lock);
    drop_locked(brain);
    pthread_mutex_unlock(&brain->lock);
}

enum brain_news_kind brain_poll(struct brain *brain, struct brain_news *news, struct analysis *found)
{
    *news = (struct brain_news){.kind = BRAIN_NOTHING};
    pthread_mutex_lock(&brain->lock);
    struct brain_news *first = g_queue_pop_head(&brain->news);
    if (first) {
        *news = *first;
        g_free(first);
    } else if (brain->has_found) {
        news->kind = BRAIN_FOUND;
        news->ticket = brain->found.ticket;
        *found = brain->found;
        brain->has_found = false;
    }
    pthread_mutex_unlock(&brain->lock);
    return news->kind;
}
