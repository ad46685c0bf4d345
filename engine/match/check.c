/* Checks the players before the first game. */
#include "agents/agent.h"
#include "engine/match/game.h"
#include "engine/match/match.h"
#include "games/game.h"

static bool try_player(const struct match_config *config, int player, int moves, GError **error)
{
    struct agent *agent;
    const struct match_opening *opening = config->opening_count ? &config->openings[0] : NULL;
    bool ok = agent_open(&agent, config->players[player].spec, config->game, &config->agent, error) == 0 &&
              agent_takes_clock(agent, &config->terms.clock, error) &&
              agent_follow(agent, NULL, opening ? opening->moves : NULL, opening ? opening->count : 0, config->seed,
                           error);
    for (int i = 0; ok && i < moves && !game_over(agent->position); i++) {
        struct agent_choice choice;
        ok = agent_choose(agent, &config->terms.clock, &choice, error);
        if (!ok || choice.action == AGENT_RESIGNS)
            break;
        ok = choice.move < config->game->moves &&
             config->game->ops->legal(config->game, agent->position, &agent->history, choice.move);
        if (!ok) {
            char text[GAME_MOVE_TEXT_MAX];
            g_set_error(error, AGENT_ERROR, AGENT_ERROR_PROTOCOL, "plays the illegal move %s at ply %d",
                        game_move_format(config->game, choice.move, text), agent->position->ply + 1);
        }
        ok = ok && agent_moved(agent, choice.move, error);
    }
    agent_close(agent);
    return ok;
}

bool match_check_players(const struct match_config *config, int moves, int *at, GError **error)
{
    for (int i = 0; i < config->player_count; i++)
        if (!try_player(config, i, moves, error)) {
            g_prefix_error(error, "agent \"%s\": ", config->players[i].name);
            *at = i;
            return false;
        }
    *at = config->player_count;
    if (!config->referee)
        return true;
    struct agent *agent;
    struct game_result result;
    bool ok = agent_open(&agent, config->referee, config->game, &config->agent, error) == 0 &&
              agent_new_game(agent, config->seed, error) && agent_score(agent, &result, error);
    if (!ok)
        g_prefix_error(error, "referee: ");
    agent_close(agent);
    return ok;
}
