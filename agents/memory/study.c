#include "agents/memory/study.h"

#include <math.h>

#include "agents/memory/file.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "mcts/memory.h"
#include "mcts/search.h"

/* What this study has found so far, as a source of the searches' memories. */
struct findings {
    struct memory_source source; /* must be first */
    GArray *positions;           /* struct memory_position; borrowed */
};

struct walk {
    const struct memory_study *study;
    struct findings findings;
    union any_position at;
    struct history history;
    int ply;     /* of `at` */
    float after; /* value of the loser's next decision; -1 at the end of the game */
    /* Of the last decision examined. */
    game_move better; /* GAME_NO_MOVE: none was found */
    float value;
    int64_t visits;
};

static bool recall(const struct memory_source *source, struct eval_key key, struct memory_trace *trace)
{
    const GArray *positions = ((const struct findings *)source)->positions;
    for (guint i = positions->len; i-- > 0;) { /* the newest first */
        const struct memory_position *position = &g_array_index(positions, struct memory_position, i);
        if (!eval_key_equal(position->key, key))
            continue;
        *trace = (struct memory_trace){position->best, position->value, (int)MIN(position->visits, MEMORY_MAX_VISITS)};
        return true;
    }
    return false;
}

static const struct memory_source_ops findings_ops = {.name = "study", .recall = recall};

static bool stopped(const struct memory_study *study)
{
    return study->stop && atomic_load(study->stop);
}

/* ---- positions ---- */

static void go_to(struct walk *walk, int ply)
{
    const struct memory_study *study = walk->study;
    game_init(study->game, &walk->at.p);
    history_truncate(&walk->history, 0);
    for (int i = 0; i < ply; i++)
        game_play(study->game, &walk->at.p, &walk->history, study->moves[i]);
    walk->ply = ply;
}

static struct memory_place place_of(const struct walk *walk)
{
    const struct eval_query query = {.position = &walk->at.p, .history = &walk->history};
    return memory_place_of(walk->study->game, &query);
}

static void remember(struct walk *walk, const struct memory_place *place, game_move best, float value, int64_t visits,
                     bool lost_here)
{
    const struct memory_position found = {
        .key = place->key,
        .best = best == GAME_NO_MOVE ? best : memory_move_to_image(walk->study->game, place, best),
        .value = CLAMP(value, -1.0f, 1.0f),
        .visits = MAX(visits, 1),
        .lost_here = lost_here};
    g_array_append_val(walk->findings.positions, found);
    walk->findings.source.count = walk->findings.positions->len;
    walk->findings.source.revision++;
}

/* The position after a decision's move: what came of it, and how the opponent answered. */
static void remember_answer(struct walk *walk, int ply, int64_t visits)
{
    const struct memory_study *study = walk->study;
    go_to(walk, ply + 1);
    if (game_over(&walk->at.p) || walk->at.p.player == study->loser)
        return;
    const struct memory_place place = place_of(walk);
    remember(walk, &place, ply + 1 < study->count ? study->moves[ply + 1] : GAME_NO_MOVE, -walk->after, visits, false);
}

/* ---- searching a decision ---- */

static int64_t deep_visits(const struct memory_choice *choice)
{
    return MAX(choice->visits, 1) * MEMORY_STUDY_FACTOR;
}

/* The move that the search prefers, and its value; GAME_NO_MOVE if it was stopped too early. */
static game_move search_root(const struct walk *walk, int64_t visits, float *value)
{
    const struct memory_study *study = walk->study;
    const struct mcts_limits limits = {.visits = visits, .stop = study->stop};
    struct mcts_move moves[GAME_MAX_MOVES];
    mcts_run(study->search, &limits);
    const game_move best = mcts_choose(study->search, 0, NULL);
    const int count = mcts_moves(study->search, moves, GAME_MAX_MOVES);
    for (int i = 0; i < count; i++)
        if (moves[i].move == best)
            *value = moves[i].value;
    return best;
}

/* The best move other than the one that was played; GAME_NO_MOVE if there is none. */
static game_move search_others(const struct walk *walk, game_move played, int64_t visits, float *value)
{
    const struct memory_study *study = walk->study;
    uint8_t allowed[GAME_MAX_MOVES];
    game_move legal[GAME_MAX_MOVES];
    if (study->game->ops->legal_moves(study->game, &walk->at.p, &walk->history, legal) < 2)
        return GAME_NO_MOVE;
    memset(allowed, 1, sizeof allowed);
    allowed[played] = 0;
    mcts_allow(study->search, allowed);
    const game_move best = search_root(walk, visits, value);
    mcts_allow(study->search, NULL);
    return best == played ? GAME_NO_MOVE : best;
}

/* Searches the decision at a ply and remembers what it finds. False if the study was stopped. */
static bool examine(struct walk *walk, int ply)
{
    const struct memory_study *study = walk->study;
    const game_move played = study->moves[ply];
    float value = -1;
    walk->visits = deep_visits(&study->choices[ply]);
    go_to(walk, ply);
    mcts_forget(study->search);
    mcts_set_root(study->search, &walk->at.p, &walk->history);
    game_move best = search_root(walk, walk->visits, &value);
    /* The search may still trust the move that lost: what else there is needs a search of its own. */
    if (best == played && !stopped(study))
        best = search_others(walk, played, walk->visits, &value);
    if (stopped(study))
        return false;
    walk->better = best;
    walk->value = best == GAME_NO_MOVE ? walk->after : value;
    const struct memory_place place = place_of(walk);
    remember(walk, &place, best, walk->value, walk->visits, true);
    return true;
}

/* ---- the way back ---- */

static bool is_own(const struct memory_study *study, int ply)
{
    return study->choices[ply].move != GAME_NO_MOVE && study->choices[ply].move == study->moves[ply];
}

/* Fills the plies at which the loser decided; returns their number. */
static int list_decisions(struct walk *walk, int *plies)
{
    const struct memory_study *study = walk->study;
    int count = 0;
    go_to(walk, 0);
    for (int i = 0; i < study->count; i++) {
        if (walk->at.p.player == study->loser && is_own(study, i))
            plies[count++] = i;
        game_play(study->game, &walk->at.p, &walk->history, study->moves[i]);
    }
    return count;
}

/* Goes back over the decisions that were known to be lost, and returns the index of the last one that was not. */
static int skip_known(struct walk *walk, const int *plies, int count)
{
    int last = count - 1;
    while (last > 0 && walk->study->choices[plies[last]].value < MEMORY_STUDY_KNOWN) {
        walk->after = walk->study->choices[plies[last]].value;
        last--;
    }
    return last;
}

/* Goes back to the first decision that lost the game; returns its index. */
static int walk_back(struct walk *walk, const int *plies, int from)
{
    for (int i = from, searched = 1;; i--, searched++) {
        remember_answer(walk, plies[i], deep_visits(&walk->study->choices[plies[i]]));
        if (!examine(walk, plies[i])) /* stopped: the lesson is what the search before found, if there was one */
            return searched > 1 ? i + 1 : i;
        if (walk->value >= MEMORY_STUDY_LOST || i == 0 || searched == MEMORY_STUDY_MOST)
            return i;
        walk->after = walk->value;
    }
}

/* Where the file remembers the position after the better move, corrects it: it may have kept the player from it. */
static void correct(struct walk *walk, const struct memory_file *file, int ply)
{
    if (!file || walk->better == GAME_NO_MOVE)
        return;
    go_to(walk, ply);
    game_play(walk->study->game, &walk->at.p, &walk->history, walk->better);
    if (game_over(&walk->at.p))
        return;
    const struct memory_place place = place_of(walk);
    if (memory_file_find(file, place.key))
        remember(walk, &place, GAME_NO_MOVE, walk->at.p.player == walk->study->loser ? walk->value : -walk->value,
                 walk->visits, walk->at.p.player == walk->study->loser);
}

/* ---- the lesson ---- */

static char *write_moves(const struct memory_study *study)
{
    GString *text = g_string_new(NULL);
    char move[GAME_MOVE_TEXT_MAX];
    for (int i = 0; i < study->count; i++)
        g_string_append_printf(text, "%s%s", i ? " " : "", game_move_format(study->game, study->moves[i], move));
    return g_string_free(text, FALSE);
}

static void write_lesson(const struct walk *walk, int ply, struct memory_lesson *lesson)
{
    const struct memory_study *study = walk->study;
    char move[GAME_MOVE_TEXT_MAX];
    *lesson = (struct memory_lesson){.decision = ply, .player = study->loser, .value = walk->value};
    lesson->moves = write_moves(study);
    lesson->played = g_strdup(game_move_format(study->game, study->moves[ply], move));
    if (walk->better != GAME_NO_MOVE)
        lesson->better = g_strdup(game_move_format(study->game, walk->better, move));
}

static void set_sources(const struct memory_study *study, const struct memory_source *source,
                        const struct memory_source **before)
{
    for (int i = 0; i < study->threads; i++)
        evaluator_memory_set(study->evaluators[i], source, before);
}

bool memory_study_run(const struct memory_study *study, const struct memory_file *file, struct memory_lesson *lesson,
                      GArray *positions)
{
    struct walk walk = {.study = study,
                        .findings = {{.ops = &findings_ops}, positions},
                        .after = -1,
                        .better = GAME_NO_MOVE,
                        .value = -1};
    const struct memory_source *before = NULL;
    int *plies = g_new(int, study->count + 1);
    history_init(&walk.history, study->count + 1);
    const int count = list_decisions(&walk, plies);
    if (count > 0) {
        set_sources(study, &walk.findings.source, &before);
        const int found = walk_back(&walk, plies, skip_known(&walk, plies, count));
        correct(&walk, file, plies[found]);
        set_sources(study, before, NULL);
        mcts_forget(study->search);
        write_lesson(&walk, plies[found], lesson);
    }
    history_clear(&walk.history);
    g_free(plies);
    return count > 0;
}
