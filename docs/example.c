/* Plays a game of Go on 5x5 against a random mover, then evaluates a position.
 *
 *     cc example.c $(pkg-config --cflags --libs tengen) -o example && ./example
 */
#include <stdio.h>
#include <stdlib.h>

#include <tengen/tengen.h>

static struct tengen_error error;

static void check(int fine)
{
    if (!fine) {
        fprintf(stderr, "example: %s\n", error.message);
        exit(1);
    }
}

int main(void)
{
    struct tengen_game *game = tengen_game_new("go:5,komi=7", &error);
    check(game != NULL);
    struct tengen_agent *players[2] = {tengen_agent_open("net:default,visits=32", game, 1, 1, &error),
                                       tengen_agent_open("random", game, 2, 1, &error)};
    check(players[0] && players[1]);

    while (!tengen_game_result(game).over) {
        struct tengen_choice choice;
        check(tengen_agent_choose(players[tengen_game_player(game)], game, NULL, &choice, &error) == 0);
        check(tengen_game_play(game, choice.move, &error) == 0);
    }
    char text[2048];
    tengen_game_print(game, text, sizeof text);
    struct tengen_result result = tengen_game_result(game);
    printf("%sPlayer %d won by %g points after %d moves.\n", text, result.winner, result.margin, tengen_game_ply(game));
    while (tengen_game_ply(game) > 6)
        tengen_game_undo(game);

    struct tengen_net *net = tengen_net_open("default", game, &error);
    check(net != NULL);
    struct tengen_evaluation evaluation;
    float policy[TENGEN_MAX_MOVES], ownership[TENGEN_MAX_POINTS];
    check(tengen_net_evaluate(net, game, &evaluation, policy, ownership, &error) == 0);
    int moves[TENGEN_MAX_MOVES], count = tengen_game_legal_moves(game, moves), best = moves[0];
    for (int i = 1; i < count; i++)
        best = policy[moves[i]] > policy[best] ? moves[i] : best;
    printf("After move 6 the player to move wins with probability %.2f by %+.1f points; the network would play %s.\n",
           evaluation.win, evaluation.score, tengen_game_format_move(game, best, text));

    tengen_net_close(net);
    tengen_agent_close(players[0]);
    tengen_agent_close(players[1]);
    tengen_game_free(game);
    return 0;
}
