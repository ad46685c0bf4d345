#include "agents/memory/study.h"

#include "agents/memory/file.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "mcts/memory.h"
#include "mcts/search.h"

enum { ALTERNATIVES = 6 }; /* moves at a decision that are tried for one that has not lost yet */
static const float MUCH_WORSE = 0.3f;

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
    bool fresh;       /* it was not played, and has not lost an earlier game */
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
        *trace = (struct memory_trace){position->best, position->value, (int)MIN(position->visits, MEMORY_MAX_VISITS),
                                       false};
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

static void set_root(const struct walk *walk)
{
    mcts_forget(walk->study->search);
    mcts_set_root(walk->study->search, &walk->at.p, &walk->history);
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

/* The place after a move here; false if the loser is to move there, or nobody. */
static bool place_after(struct walk *walk, game_move move, struct memory_place *place)
{
    const int ply = walk->ply;
    game_play(walk->study->game, &walk->at.p, &walk->history, move);
    const bool answers = !game_over(&walk->at.p) && walk->at.p.player != walk->study->loser;
    if (answers)
        *place = place_of(walk);
    go_to(walk, ply);
    return answers;
}

/* Searches the position after a move, of which the file says that it lost a game, and remembers what it finds, so that a
 * false memory is corrected. Returns the value for the player to move there. */
static float search_answer(struct walk *walk, game_move move, const struct memory_place *place)
{
    const int ply = walk->ply;
    float value = 0;
    game_play(walk->study->game, &walk->at.p, &walk->history, move);
    set_root(walk);
    const game_move answer = search_root(walk, walk->visits, &value);
    if (!stopped(walk->study))
        remember(walk, place, answer, value, walk->visits, false);
    go_to(walk, ply);
    set_root(walk);
    return value;
}

/* Whether a game was lost by this move: the one that is studied (also by a symmetric move), or an earlier one, as the file
 * says and a search confirms. */
static bool is_refuted(struct walk *walk, const struct memory_file *file, game_move move)
{
    struct memory_place place, played;
    const game_move lost = walk->study->moves[walk->ply];
    if (move == lost)
        return true;
    if (!place_after(walk, move, &place))
        return false;
    if (place_after(walk, lost, &played) && eval_key_equal(place.key, played.key))
        return true;
    return file && memory_file_find(file, place.key) && search_answer(walk, move, &place) > -MEMORY_STUDY_LOST;
}

/* Searches the decision at a ply for the best move that has not lost before. Where all others are much worse, it is the
 * best one: then a later decision has to differ. Remembers what it finds. False if the study was stopped. */
static bool examine(struct walk *walk, const struct memory_file *file, int ply)
{
    const struct memory_study *study = walk->study;
    game_move first = GAME_NO_MOVE, best = GAME_NO_MOVE, legal[GAME_MAX_MOVES];
    float first_value = walk->after, value = 0;
    uint8_t allowed[GAME_MAX_MOVES];
    memset(allowed, 1, sizeof allowed);
    walk->visits = deep_visits(&study->choices[ply]);
    go_to(walk, ply);
    set_root(walk);
    const int count = study->game->ops->legal_moves(study->game, &walk->at.p, &walk->history, legal);
    for (int i = 0; i < MIN(count, ALTERNATIVES) && !stopped(study); i++) {
        mcts_allow(study->search, allowed);
        const game_move found = search_root(walk, walk->visits, &value);
        if (found == GAME_NO_MOVE || !allowed[found])
            break;
        if (first == GAME_NO_MOVE) {
            first = found;
            first_value = value;
        } else if (value < first_value - MUCH_WORSE) {
            break;
        }
        if (!is_refuted(walk, file, found)) {
            best = found;
            break;
        }
        allowed[found] = 0;
    }
    mcts_allow(study->search, NULL);
    if (stopped(study))
        return false;
    walk->fresh = best != GAME_NO_MOVE;
    walk->better = walk->fresh ? best : first;
    walk->value = walk->fresh ? value : first_value;
    const struct memory_place place = place_of(walk);
    struct memory_place after;
    remember(walk, &place, walk->better, walk->value, walk->visits, true);
    if (place_after(walk, study->moves[ply], &after))
        g_array_index(walk->findings.positions, struct memory_position, walk->findings.positions->len - 1).after = after.key;
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

/* The index of the last decision that was not known to be lost; 0 if there is none. */
static int last_unknown(const struct walk *walk, const int *plies, int count)
{
    int last = count - 1;
    while (last > 0 && walk->study->choices[plies[last]].value < MEMORY_STUDY_KNOWN)
        last--;
    return last;
}

/* The value of the decision after number `i` in the game, -1 after the last. */
static float value_after(const struct walk *walk, const int *plies, int count, int i)
{
    return i + 1 < count ? MIN(walk->study->choices[plies[i + 1]].value, 0.0f) : -1;
}

/* Everything was lost already: looks for other moves at some of the decisions after number `from`, too, so that the same
 * game is not lost again when those before run out of moves that have not lost yet. */
static void look_ahead(struct walk *walk, const struct memory_file *file, const int *plies, int count, int from)
{
    for (int i = from + 1; i < count && i <= from + MEMORY_STUDY_AHEAD; i++) {
        walk->after = value_after(walk, plies, count, i);
        remember_answer(walk, plies[i], deep_visits(&walk->study->choices[plies[i]]));
        if (!examine(walk, file, plies[i]))
            return;
    }
}

/* Goes back to the first decision that lost the game, or if all examined were lost to the one that was least so. Returns
 * its ply, with what was found there in `walk`. */
static int walk_back(struct walk *walk, const struct memory_file *file, const int *plies, int count)
{
    const int from = last_unknown(walk, plies, count);
    struct walk found = *walk;
    int at = plies[from];
    bool hope = false, ended = false;
    walk->after = value_after(walk, plies, count, from);
    for (int i = from; i >= 0 && i > from - MEMORY_STUDY_MOST && !hope && !ended; i--) {
        remember_answer(walk, plies[i], deep_visits(&walk->study->choices[plies[i]]));
        ended = !examine(walk, file, plies[i]);
        if (ended)
            break;
        if (i == from || walk->value > found.value) {
            found = *walk;
            at = plies[i];
        }
        hope = walk->fresh && walk->value >= MEMORY_STUDY_LOST;
        walk->after = walk->value;
    }
    if (!hope && !ended)
        look_ahead(walk, file, plies, count, from);
    walk->better = found.better;
    walk->value = found.value;
    return at;
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
    if (walk->better != GAME_NO_MOVE && walk->better != study->moves[ply])
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
    int *plies = g_new0(int, study->count + 1);
    history_init(&walk.history, study->count + 1);
    const int count = list_decisions(&walk, plies);
    if (count > 0) {
        set_sources(study, &walk.findings.source, &before);
        const int decision = walk_back(&walk, file, plies, count);
        set_sources(study, before, NULL);
        mcts_forget(study->search);
        write_lesson(&walk, decision, lesson);
    }
    history_clear(&walk.history);
    g_free(plies);
    return count > 0;
}
