/* Compares the fast Go board with a naive one over a million random moves in each combination of ko rule and suicide:
 * legality, stones, liberties, prisoners, area, and the invariants of the fast board. Takes a few minutes.
 *
 * Usage: acceptance_go_naive_million [MOVES_PER_MODE] */
#include "games/game.h"
#include "tests/games/go/go_against_naive.c"
#include "tests/games/go/go_against_naive.h"
#include "tests/games/go/naive_go.c"

int main(int argc, char **argv)
{
    static const char *const kos[] = {"simple", "positional", "situational"};
    /* Most moves are on small boards, where superko and suicide are frequent. */
    static const struct {
        int size, cap, percent;
        bool all;
    } parts[] = {{2, 200, 10, true}, {3, 400, 20, true},  {4, 600, 20, true},  {5, 800, 20, true},
                 {7, 800, 10, true}, {9, 800, 10, false}, {13, 800, 5, false}, {19, 0, 5, false}};
    long moves = argc > 1 ? atol(argv[1]) : 1000000;
    bool failed = moves < 100;
    for (int mode = 0; mode < 6 && !failed; mode++) {
        struct naive_tally tally = {0};
        for (size_t i = 0; i < G_N_ELEMENTS(parts) && !failed; i++) {
            char spec[GAME_SPEC_MAX];
            g_snprintf(spec, sizeof spec, "go:%d,ko=%s,suicide=%s,cap=%d", parts[i].size, kos[mode % 3],
                       mode < 3 ? "no" : "yes", parts[i].cap);
            const char *wrong =
                go_against_naive(spec, moves / 100 * parts[i].percent, parts[i].all, 1000 * (uint64_t)mode + i, &tally);
            if (wrong) {
                printf("%s: %s\n", spec, wrong);
                failed = true;
            }
        }
        printf("ko=%s suicide=%s: %ld moves in %ld games (%ld by passing), %ld captures, %ld suicides, %ld kos, "
               "%ld superkos, %ld areas: %s\n",
               kos[mode % 3], mode < 3 ? "no" : "yes", tally.moves, tally.games, tally.ended, tally.captures,
               tally.suicides, tally.kos, tally.superkos, tally.areas, failed ? "DIFFERS" : "agree");
        fflush(stdout);
    }
    printf("target %ld moves a mode without a difference: %s\n", moves, failed ? "MISSED" : "reached");
    return failed;
}
