/* The analysis protocol: queries as KaTrain sends them, errors and warnings, perspectives, priorities, termination, and
 * the end of input. */
#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "engine/protocols/katago/analysis.h"
#include "tests/engine/protocols/protocol.h"

static int serve(void *server, int in, int out)
{
    return analysis_serve(server, in, out);
}

static struct analysis *open_analysis(struct wire *wire, const char *agent, const char *game, bool quit_without_waiting)
{
    struct analysis *analysis;
    GError *error = NULL;
    const struct analysis_config config = {.agent = agent,
                                           .game = game,
                                           .seed = 1,
                                           .workers = 1,
                                           .threads = 1,
                                           .visits = 20,
                                           .quit_without_waiting = quit_without_waiting};
    cr_assert(analysis_create(&analysis, &config, &error) == 0, "%s", error ? error->message : "");
    wire_open(wire, serve, analysis);
    return analysis;
}

static void close_analysis(struct wire *wire, struct analysis *analysis)
{
    wire_close(wire);
    analysis_close(analysis);
}

/* The next line, parsed; the caller deletes it. */
static cJSON *next(struct wire *wire)
{
    char *line = wire_read(wire, "\n");
    cJSON *json = cJSON_Parse(line);
    cr_assert(cJSON_IsObject(json), "not JSON: %s", line);
    g_free(line);
    return json;
}

static cJSON *ask(struct wire *wire, const char *query)
{
    char *line = g_strconcat(query, "\n", NULL);
    wire_send(wire, line);
    g_free(line);
    return next(wire);
}

static const char *text_of(const cJSON *json, const char *field)
{
    const cJSON *item = cJSON_GetObjectItem(json, field);
    return cJSON_IsString(item) ? item->valuestring : "";
}

static double number_of(const cJSON *json, const char *field)
{
    const cJSON *item = cJSON_GetObjectItem(json, field);
    cr_assert(cJSON_IsNumber(item), "no number %s", field);
    return item->valuedouble;
}

static double root_of(const cJSON *json, const char *field)
{
    return number_of(cJSON_GetObjectItem(json, "rootInfo"), field);
}

/* A final answer, not a report, to this id and turn. */
static void check_final(const cJSON *json, const char *id, int turn)
{
    cr_assert_str_eq(text_of(json, "id"), id);
    cr_assert_eq((int)number_of(json, "turnNumber"), turn);
    cr_assert(cJSON_IsFalse(cJSON_GetObjectItem(json, "isDuringSearch")));
}

static const cJSON *move_at(const cJSON *json, int index)
{
    return cJSON_GetArrayItem(cJSON_GetObjectItem(json, "moveInfos"), index);
}

static double entry(const cJSON *json, const char *list, int index)
{
    const cJSON *item = cJSON_GetArrayItem(cJSON_GetObjectItem(json, list), index);
    cr_assert(cJSON_IsNumber(item), "no %s[%d]", list, index);
    return item->valuedouble;
}

/* First the move that would be played, which has the best lower bound among those with at least 15 % of the highest
 * visit count, and need not have that count itself; the others by visits. */
static void check_order(const cJSON *moves)
{
    const cJSON *first = cJSON_GetArrayItem(moves, 0);
    int count = cJSON_GetArraySize(moves);
    double most = 0;
    for (int i = 0; i < count; i++)
        most = MAX(most, number_of(cJSON_GetArrayItem(moves, i), "visits"));
    cr_assert_geq(number_of(first, "visits"), 0.15 * most);
    for (int i = 1; i < count; i++) {
        const cJSON *move = cJSON_GetArrayItem(moves, i);
        if (i > 1)
            cr_assert_leq(number_of(move, "visits"), number_of(cJSON_GetArrayItem(moves, i - 1), "visits"));
        if (number_of(move, "visits") >= 0.15 * most)
            cr_assert_leq(number_of(move, "lcb"), number_of(first, "lcb"));
    }
}

#define KATRAIN_HEAD                                                                                                   \
    "{\"rules\": \"japanese\", \"priority\": 3, \"analyzeTurns\": [2], \"maxVisits\": 30, \"komi\": 6.5, "             \
    "\"boardXSize\": 9, \"boardYSize\": 9, \"includeOwnership\": true, \"includeMovesOwnership\": true, "              \
    "\"includePolicy\": true, \"initialStones\": [], \"initialPlayer\": \"B\", "                                       \
    "\"moves\": [[\"B\", \"E5\"], [\"W\", \"C3\"]], "

/* A query exactly as KaTrain sends it; the fields that it reads are in the answer. */
Test(analysis, katrain)
{
    struct wire wire;
    struct analysis *analysis = open_analysis(&wire, "net:default", "go:19,rules=chinese", false);
    wire_send(&wire,
              KATRAIN_HEAD "\"overrideSettings\": {\"reportAnalysisWinratesAs\": \"BLACK\", \"wideRootNoise\": 0.04, "
                           "\"maxTime\": 8.0}, \"reportDuringSearchEvery\": 1, \"id\": \"QUERY:1\"}\n");
    cJSON *json = next(&wire);
    cr_assert_str_eq(text_of(json, "field"), "includeMovesOwnership");
    cr_assert_str_eq(text_of(json, "id"), "QUERY:1");
    cr_assert(cJSON_HasObjectItem(json, "warning"));
    cJSON_Delete(json);
    json = next(&wire);
    cr_assert_str_eq(text_of(json, "field"), "overrideSettings");
    cr_assert(strstr(text_of(json, "warning"), "wideRootNoise"));
    cJSON_Delete(json);
    json = next(&wire);
    check_final(json, "QUERY:1", 2);
    const cJSON *first = move_at(json, 0);
    double policy = 0;
    for (int i = 0; i < 82; i++)
        policy += MAX(entry(json, "policy", i), 0);
    cr_assert(fabs(policy - 1) < 0.001, "policy sums to %g", policy);
    cr_assert_eq(entry(json, "policy", 4 * 9 + 4), -1, "E5 is occupied");
    cr_assert_eq(entry(json, "policy", 6 * 9 + 2), -1, "C3 is occupied");
    cr_assert_eq(cJSON_GetArraySize(cJSON_GetObjectItem(json, "ownership")), 81);
    cr_assert_eq(number_of(first, "order"), 0);
    check_order(cJSON_GetObjectItem(json, "moveInfos"));
    cr_assert_str_eq(text_of(first, "move"), cJSON_GetArrayItem(cJSON_GetObjectItem(first, "pv"), 0)->valuestring);
    cr_assert_geq(root_of(json, "visits"), 30);
    static const char *const numbers[] = {"winrate", "scoreLead", "scoreMean", "scoreStdev", "prior", "utility", "lcb"};
    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
        number_of(first, numbers[i]);
    cr_assert(root_of(json, "winrate") > 0 && root_of(json, "winrate") < 1);
    root_of(json, "scoreLead");
    root_of(json, "rawWinrate");
    cr_assert_str_eq(text_of(cJSON_GetObjectItem(json, "rootInfo"), "currentPlayer"), "B");
    cJSON_Delete(json);
    /* The same warnings are not repeated. */
    wire_send(&wire, KATRAIN_HEAD "\"overrideSettings\": {\"wideRootNoise\": 0.04}, \"id\": \"QUERY:2\"}\n");
    json = next(&wire);
    check_final(json, "QUERY:2", 2);
    cJSON_Delete(json);
    close_analysis(&wire, analysis);
    cr_assert_eq(wire.status, 0);
}

/* A decided 5x5 board: three columns are black's, two are white's, each side with two eyes at the edge. By area, with
 * komi 0, black leads by 15 - 10. */
#define DECIDED                                                                                                        \
    "\"initialStones\":[[\"B\",\"A1\"],[\"B\",\"A2\"],[\"B\",\"A4\"],[\"B\",\"B1\"],[\"B\",\"B2\"],[\"B\",\"B3\"],["   \
    "\"B\",\"B4\"],[\"B\",\"B5\"],[\"B\",\"C1\"],[\"B\",\"C2\"],[\"B\",\"C3\"],[\"B\",\"C4\"],[\"B\",\"C5\"],"         \
    "[\"W\",\"D1\"],[\"W\",\"D2\"],[\"W\",\"D3\"],[\"W\",\"D4\"],[\"W\",\"D5\"],[\"W\",\"E1\"],[\"W\",\"E2\"],[\"W\"," \
    "\"E4\"]],\"moves\":[],\"komi\":0,\"boardXSize\":5,"                                                               \
    "\"boardYSize\":5,\"rules\":\"tromp-taylor\",\"includeOwnership\":true,\"maxVisits\":60"

static void check_view(struct wire *wire, const char *player, const char *view, int sign)
{
    char *query = g_strdup_printf("{\"id\":\"v\"," DECIDED ",\"initialPlayer\":\"%s\",\"overrideSettings\":"
                                  "{\"reportAnalysisWinratesAs\":\"%s\"}}",
                                  player, view);
    cJSON *json = ask(wire, query);
    check_final(json, "v", 0);
    cr_assert_str_eq(text_of(cJSON_GetObjectItem(json, "rootInfo"), "currentPlayer"), player);
    cr_assert(fabs(root_of(json, "winrate") - (sign > 0)) < 0.01, "%s %s: %g", player, view, root_of(json, "winrate"));
    cr_assert(fabs(root_of(json, "scoreLead") - sign * 5) < 0.1, "%s %s: %g", player, view, root_of(json, "scoreLead"));
    cr_assert(fabs(number_of(move_at(json, 0), "scoreLead") - sign * 5) < 0.1);
    for (int p = 0; p < 25; p++) /* p % 5: the column */
        cr_assert(fabs(entry(json, "ownership", p) - sign * (p % 5 < 3 ? 1 : -1)) < 0.1, "%s %s, point %d: %g", player,
                  view, p, entry(json, "ownership", p));
    cJSON_Delete(json);
    g_free(query);
}

Test(analysis, views)
{
    struct wire wire;
    struct analysis *analysis = open_analysis(&wire, "rollout:60", "go:19", false);
    check_view(&wire, "B", "BLACK", 1);
    check_view(&wire, "W", "BLACK", 1);
    check_view(&wire, "B", "WHITE", -1);
    check_view(&wire, "W", "WHITE", -1);
    check_view(&wire, "B", "SIDETOMOVE", 1);
    check_view(&wire, "W", "SIDETOMOVE", -1);
    close_analysis(&wire, analysis);
}

#define GAME5 "\"rules\":\"chinese\",\"komi\":7,\"boardXSize\":5,\"boardYSize\":5"

/* Errors name the field and the id, and the session continues. */
Test(analysis, errors)
{
    static const struct {
        const char *query, *field, *pattern;
    } cases[] = {
        {"this is not JSON", "", "*JSON*"},
        {"[1,2]", "", "*JSON object*"},
        {"{\"id\":\"q\"", "", "*JSON*"},
        {"{\"id\":\"q\"} {}", "", "*JSON*"},
        {"{\"moves\":[]}", "id", "*string*"},
        {"{\"id\":7,\"moves\":[]," GAME5 "}", "id", "*string*"},
        {"{\"id\":\"q\"," GAME5 "}", "moves", "*list*"},
        {"{\"id\":\"q\",\"moves\":[],\"komi\":7}", "boardXSize", "*19*"},
        {"{\"id\":\"q\",\"moves\":[],\"boardXSize\":5,\"boardYSize\":7}", "boardYSize", "*5x7*square*"},
        {"{\"id\":\"q\",\"moves\":[],\"boardXSize\":50,\"boardYSize\":50}", "boardXSize", "*"},
        {"{\"id\":\"q\",\"moves\":[],\"boardXSize\":4.5,\"boardYSize\":5}", "boardXSize", "*integer*"},
        {"{\"id\":\"q\",\"moves\":[],\"rules\":\"mine\",\"boardXSize\":5,\"boardYSize\":5}", "rules", "*mine*"},
        {"{\"id\":\"q\",\"moves\":[],\"rules\":{\"ko\":\"X\"},\"boardXSize\":5,\"boardYSize\":5}", "rules",
         "*X for rule ko*"},
        {"{\"id\":\"q\",\"moves\":[],\"rules\":7,\"boardXSize\":5,\"boardYSize\":5}", "rules", "*name*"},
        {"{\"id\":\"q\",\"moves\":[],\"komi\":7.3,\"boardXSize\":5,\"boardYSize\":5}", "komi", "*half*"},
        {"{\"id\":\"q\",\"moves\":[],\"komi\":1e9,\"boardXSize\":5,\"boardYSize\":5}", "komi", "*150*"},
        {"{\"id\":\"q\",\"moves\":[[\"B\",\"C3\"],[\"W\",\"C3\"]]," GAME5 "}", "moves", "Illegal move 2: W C3"},
        {"{\"id\":\"q\",\"moves\":[[\"B\",\"Z9\"]]," GAME5 "}", "moves", "*Z9*"},
        {"{\"id\":\"q\",\"moves\":[[\"B\",\"(5,0)\"]]," GAME5 "}", "moves", "*(5,0)*"},
        {"{\"id\":\"q\",\"moves\":[[\"X\",\"C3\"]]," GAME5 "}", "moves", "entry 1*"},
        {"{\"id\":\"q\",\"moves\":[],\"initialStones\":[[\"B\",\"A1\"],[\"W\",\"A1\"]]," GAME5 "}", "initialStones",
         "entry 2*"},
        {"{\"id\":\"q\",\"moves\":[],\"initialStones\":[[\"B\",\"A1\"],[\"W\",\"A2\"],[\"W\",\"B1\"]]," GAME5 "}",
         "initialStones", "*liberties*"},
        {"{\"id\":\"q\",\"moves\":[],\"initialPlayer\":\"X\"," GAME5 "}", "initialPlayer", "*"},
        {"{\"id\":\"q\",\"moves\":[],\"analyzeTurns\":[1]," GAME5 "}", "analyzeTurns", "*0 to 0"},
        {"{\"id\":\"q\",\"moves\":[],\"analyzeTurns\":[]," GAME5 "}", "analyzeTurns", "*at least one*"},
        {"{\"id\":\"q\",\"moves\":[],\"analyzeTurns\":[],\"priorities\":[]," GAME5 "}", "analyzeTurns",
         "*at least one*"},
        {"{\"id\":\"q\",\"moves\":[],\"allowMoves\":[{\"player\":\"B\",\"moves\":[],\"untilDepth\":1},"
         "{\"player\":\"B\",\"moves\":[],\"untilDepth\":1}]," GAME5 "}",
         "allowMoves", "*one entry for each player*"},
        {"{\"id\":\"q\",\"moves\":[[\"W\",\"A5\"]],\"initialStones\":[[\"B\",\"A4\"],[\"B\",\"B5\"]]," GAME5 "}",
         "moves", "Illegal move 1: W A5"}, /* suicide of a single stone */
        {"{\"id\":\"q\",\"moves\":[],\"analyzeTurns\":[0],\"priorities\":[1,2]," GAME5 "}", "priorities", "*1, not 2*"},
        {"{\"id\":\"q\",\"moves\":[],\"maxVisits\":0," GAME5 "}", "maxVisits", "*integer*"},
        {"{\"id\":\"q\",\"moves\":[],\"includeOwnership\":1," GAME5 "}", "includeOwnership", "*true or false*"},
        {"{\"id\":\"q\",\"moves\":[],\"avoidMoves\":[{}]," GAME5 "}", "avoidMoves", "*untilDepth*"},
        {"{\"id\":\"q\",\"moves\":[],\"reportDuringSearchEvery\":0," GAME5 "}", "reportDuringSearchEvery", "*"},
        {"{\"id\":\"q\",\"moves\":[],\"overrideSettings\":3," GAME5 "}", "overrideSettings", "*object*"},
        {"{\"id\":\"q\",\"action\":\"dance\"}", "action", "*query_version*"},
        {"{\"id\":\"q\",\"action\":\"terminate\"}", "terminateId", "*"},
        {"{\"id\":\"q\",\"action\":\"terminate\",\"terminateId\":\"x\",\"turnNumbers\":[\"a\"]}", "turnNumbers", "*"},
    };
    struct wire wire;
    struct analysis *analysis = open_analysis(&wire, "rollout:20", "go:19,rules=chinese", false);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        cJSON *json = ask(&wire, cases[i].query);
        cr_assert(cJSON_HasObjectItem(json, "error"), "%s is not an error", cases[i].query);
        cr_assert_str_eq(text_of(json, "field"), cases[i].field, "%s: field %s", cases[i].query,
                         text_of(json, "field"));
        cr_assert(g_pattern_match_simple(cases[i].pattern, text_of(json, "error")), "%s: %s", cases[i].query,
                  text_of(json, "error"));
        cr_assert(strcmp(cases[i].field, "") == 0 || strcmp(cases[i].field, "id") == 0 ||
                  strcmp(text_of(json, "id"), "q") == 0);
        cJSON_Delete(json);
    }
    cJSON *json = ask(&wire, "{\"id\":\"after\",\"moves\":[]," GAME5 "}");
    check_final(json, "after", 0);
    cJSON_Delete(json);
    close_analysis(&wire, analysis);
}

/* Rules by name and by part, omitted parts, numeric coordinates, moves out of turn, after the end, and against superko:
 * all are answered. */
Test(analysis, accepted)
{
    static const struct {
        const char *query, *field; /* of the warning before the answer */
        int turn;
        const char *player;
    } cases[] = {
        {"\"moves\":[],\"rules\":\"new zealand\",\"komi\":-6.5", "", 0, "B"},
        {"\"moves\":[],\"rules\":\"korean\"", "", 0, "B"},
        {"\"moves\":[],\"rules\":\"stone_scoring\",\"komi\":7", "rules", 0, "B"},
        {"\"moves\":[],\"rules\":{\"ko\":\"SIMPLE\",\"scoring\":\"TERRITORY\",\"suicide\":false}", "", 0, "B"},
        {"\"moves\":[],\"rules\":\"{\\\"ko\\\":\\\"POSITIONAL\\\"}\",\"whiteHandicapBonus\":\"N-1\"", "", 0, "B"},
        {"\"moves\":[[\"B\",\"(0,4)\"],[\"W\",\"B1\"]],\"rules\":\"aga\"", "", 2, "B"},
        {"\"moves\":[[\"B\",\"C3\"],[\"B\",\"C4\"]],\"rules\":\"aga\"", "", 2, "W"},
        {"\"moves\":[[\"B\",\"pass\"],[\"W\",\"pass\"],[\"B\",\"C3\"],[\"W\",\"pass\"],[\"B\",\"pass\"]]", "", 5, "W"},
        {"\"moves\":[[\"W\",\"C3\"]],\"initialStones\":[[\"B\",\"B2\"],[\"B\",\"D4\"]],\"analyzeTurns\":[0]", "", 0,
         "W"},
        {"\"moves\":[],\"initialStones\":[[\"B\",\"B2\"],[\"B\",\"D4\"]]", "", 0, "W"},
        {"\"moves\":[],\"rules\":\"nz\"", "", 0, "B"},
        {"\"moves\":[],\"rules\":\"goe\"", "", 0, "B"},
        {"\"moves\":[],\"rules\":\"koSIMPLEscoreAREAtaxNONEsui0\"", "", 0, "B"},
        {"\"moves\":[],\"rules\":{\"ko\":\"SIMPLE\",\"score\":\"AREA\",\"komi\":6.5}", "", 0, "B"},
        /* suicide of two stones, which Chinese rules forbid */
        {"\"rules\":\"chinese\",\"initialStones\":[[\"B\",\"B4\"],[\"B\",\"A4\"],[\"B\",\"C5\"],[\"W\",\"B5\"]],"
         "\"moves\":[[\"W\",\"A5\"],[\"B\",\"E1\"]]",
         "", 2, "W"},
        {"\"moves\":[],\"frobnicate\":1", "frobnicate", 0, "B"},
        {"\"moves\":[],\"overrideSettings\":{\"maxVisits\":\"many\"}", "overrideSettings", 0, "B"},
        {"\"moves\":[],\"rootPolicyTemperature\":1.2", "rootPolicyTemperature", 0, "B"},
        /* a ko retaken at once */
        {"\"initialStones\":[[\"B\",\"A2\"],[\"B\",\"B1\"],[\"B\",\"B3\"],[\"W\",\"C1\"],[\"W\",\"D2\"],[\"W\",\"C3\"],"
         "[\"W\",\"B2\"]],\"moves\":[[\"B\",\"C2\"],[\"W\",\"B2\"]]",
         "", 2, "B"},
    };
    struct wire wire;
    struct analysis *analysis = open_analysis(&wire, "rollout:20", "go:19,rules=chinese", false);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char *query = g_strdup_printf("{\"id\":\"a\",\"boardXSize\":5,\"boardYSize\":5,%s}", cases[i].query);
        cJSON *json = ask(&wire, query);
        if (*cases[i].field) {
            cr_assert(cJSON_HasObjectItem(json, "warning"), "%s: no warning", query);
            cr_assert_str_eq(text_of(json, "field"), cases[i].field);
            cJSON_Delete(json);
            json = next(&wire);
        }
        cr_assert(!cJSON_HasObjectItem(json, "error"), "%s: %s", query, text_of(json, "error"));
        check_final(json, "a", cases[i].turn);
        cr_assert_str_eq(text_of(cJSON_GetObjectItem(json, "rootInfo"), "currentPlayer"), cases[i].player, "%s", query);
        cr_assert(move_at(json, 0) != NULL, "%s", query);
        cJSON_Delete(json);
        g_free(query);
    }
    close_analysis(&wire, analysis);
}

/* Moves are avoided only for their player; if all are, the answer has only the position. */
Test(analysis, restrictions)
{
    struct wire wire;
    struct analysis *analysis = open_analysis(&wire, "net:default", "go:5", false);
    cJSON *json = ask(&wire, "{\"id\":\"a\",\"moves\":[],\"includePolicy\":true," GAME5
                             ",\"allowMoves\":[{\"player\":\"B\",\"moves\":[\"A1\",\"E5\"],\"untilDepth\":1}]}");
    cr_assert_eq(cJSON_GetArraySize(cJSON_GetObjectItem(json, "moveInfos")), 2);
    for (int i = 0; i < 2; i++)
        cr_assert(strstr("A1 E5", text_of(move_at(json, i), "move")));
    cr_assert(entry(json, "policy", 12) > 0, "the policy is restricted");
    cJSON_Delete(json);
    json = ask(&wire, "{\"id\":\"b\",\"moves\":[]," GAME5
                      ",\"avoidMoves\":[{\"player\":\"B\",\"moves\":[\"C3\"],\"untilDepth\":1},"
                      "{\"player\":\"W\",\"moves\":[\"B3\"],\"untilDepth\":1}]}");
    cr_assert_gt(cJSON_GetArraySize(cJSON_GetObjectItem(json, "moveInfos")), 1);
    for (int i = 0; i < cJSON_GetArraySize(cJSON_GetObjectItem(json, "moveInfos")); i++)
        cr_assert_str_neq(text_of(move_at(json, i), "move"), "C3");
    cJSON_Delete(json);
    json = ask(&wire, "{\"id\":\"c\",\"moves\":[]," GAME5
                      ",\"includePVVisits\":true,\"allowMoves\":[{\"player\":\"B\",\"moves\":[],\"untilDepth\":1}]}");
    check_final(json, "c", 0);
    cr_assert_eq(cJSON_GetArraySize(cJSON_GetObjectItem(json, "moveInfos")), 0);
    root_of(json, "winrate");
    cJSON_Delete(json);
    json = ask(&wire, "{\"id\":\"d\",\"moves\":[]," GAME5 ",\"includePVVisits\":true}");
    const cJSON *pv = cJSON_GetObjectItem(move_at(json, 0), "pv"),
                *visits = cJSON_GetObjectItem(move_at(json, 0), "pvVisits");
    cr_assert(cJSON_GetArraySize(pv) > 1 && cJSON_GetArraySize(pv) == cJSON_GetArraySize(visits));
    cr_assert_eq(cJSON_GetArrayItem(visits, 0)->valuedouble, number_of(move_at(json, 0), "visits"));
    cr_assert_leq(cJSON_GetArrayItem(visits, 1)->valuedouble, cJSON_GetArrayItem(visits, 0)->valuedouble);
    cJSON_Delete(json);
    close_analysis(&wire, analysis);
}

#define LONG "{\"id\":\"long\",\"moves\":[]," GAME5 ",\"maxVisits\":1000000000,\"reportDuringSearchEvery\":0.02}\n"

/* Waits for a report of the long search, which shows that it is running. */
static void start_long(struct wire *wire)
{
    wire_send(wire, LONG);
    cJSON *json = next(wire);
    cr_assert(cJSON_IsTrue(cJSON_GetObjectItem(json, "isDuringSearch")));
    cr_assert(move_at(json, 0));
    cJSON_Delete(json);
}

/* The next line that is not a report. */
static cJSON *next_final(struct wire *wire)
{
    cJSON *json = next(wire);
    while (cJSON_IsTrue(cJSON_GetObjectItem(json, "isDuringSearch"))) {
        cJSON_Delete(json);
        json = next(wire);
    }
    return json;
}

/* Three queries wait behind a long one; when that is terminated they are answered by priority. */
Test(analysis, priorities)
{
    struct wire wire;
    struct analysis *analysis = open_analysis(&wire, "rollout:20", "go:5", false);
    start_long(&wire);
    wire_send(&wire,
              "{\"id\":\"low\",\"moves\":[],\"priority\":-2," GAME5 "}\n"
              "{\"id\":\"mixed\",\"moves\":[[\"B\",\"C3\"]],\"analyzeTurns\":[0,1],\"priorities\":[-1,7]," GAME5 "}\n"
              "{\"id\":\"high\",\"moves\":[],\"priority\":5," GAME5 "}\n"
              "{\"id\":\"t\",\"action\":\"terminate\",\"terminateId\":\"long\"}\n");
    static const struct {
        const char *id;
        int turn;
    } wanted[] = {{"mixed", 1}, {"high", 0}, {"mixed", 0}, {"low", 0}};
    size_t at = 0;
    bool ended = false, echoed = false;
    while (at < G_N_ELEMENTS(wanted) || !ended || !echoed) {
        cJSON *json = next_final(&wire);
        if (strcmp(text_of(json, "id"), "t") == 0) {
            cr_assert_str_eq(text_of(json, "terminateId"), "long");
            echoed = true;
        } else if (strcmp(text_of(json, "id"), "long") == 0) {
            check_final(json, "long", 0);
            cr_assert(move_at(json, 0) && !cJSON_HasObjectItem(json, "noResults"));
            ended = true;
        } else {
            cr_assert(ended && at < G_N_ELEMENTS(wanted));
            check_final(json, wanted[at].id, wanted[at].turn);
            at++;
        }
        cJSON_Delete(json);
    }
    close_analysis(&wire, analysis);
}

/* Waiting queries are answered with noResults, all of them or only the named turns. */
Test(analysis, terminate)
{
    struct wire wire;
    struct analysis *analysis = open_analysis(&wire, "rollout:20", "go:5", false);
    start_long(&wire);
    wire_send(&wire, "{\"id\":\"w\",\"moves\":[[\"B\",\"C3\"],[\"W\",\"C2\"]],\"analyzeTurns\":[0,1,2]," GAME5 "}\n"
                     "{\"id\":\"t\",\"action\":\"terminate\",\"terminateId\":\"w\",\"turnNumbers\":[1]}\n");
    cJSON *json = next_final(&wire);
    check_final(json, "w", 1);
    cr_assert(cJSON_IsTrue(cJSON_GetObjectItem(json, "noResults")));
    cJSON_Delete(json);
    json = next_final(&wire);
    cr_assert_str_eq(text_of(json, "action"), "terminate");
    cJSON_Delete(json);
    wire_send(&wire, "{\"id\":\"u\",\"action\":\"terminate_all\"}\n");
    int none = 0, finals = 0;
    for (int lines = 0; lines < 4; lines++) {
        json = next_final(&wire);
        none += cJSON_IsTrue(cJSON_GetObjectItem(json, "noResults"));
        finals += cJSON_HasObjectItem(json, "isDuringSearch");
        cJSON_Delete(json);
    }
    cr_assert(none == 2 && finals == 3, "%d without results of %d", none, finals);
    close_analysis(&wire, analysis);
}

Test(analysis, actions)
{
    struct wire wire;
    struct analysis *analysis = open_analysis(&wire, "rollout:20", "go:5", false);
    cJSON *json = ask(&wire, "{\"id\":\"a\",\"action\":\"query_version\",\"extra\":[1]}");
    cr_assert(*text_of(json, "version") && *text_of(json, "git_hash") && cJSON_HasObjectItem(json, "extra"));
    cJSON_Delete(json);
    json = ask(&wire, "{\"id\":\"b\",\"action\":\"query_models\"}");
    cr_assert_str_eq(text_of(cJSON_GetArrayItem(cJSON_GetObjectItem(json, "models"), 0), "name"), "rollout:20");
    cJSON_Delete(json);
    json = ask(&wire, "{\"id\":\"c\",\"action\":\"clear_cache\"}");
    cr_assert_str_eq(text_of(json, "action"), "clear_cache");
    cJSON_Delete(json);
    json = ask(&wire, "{\"id\":\"d\",\"moves\":[]," GAME5 "}");
    check_final(json, "d", 0);
    cJSON_Delete(json);
    close_analysis(&wire, analysis);
}

/* Queries that are queued when the input ends are answered, unless quit_without_waiting is set. */
Test(analysis, end_of_input)
{
    struct wire wire;
    struct analysis *analysis = open_analysis(&wire, "rollout:20", "go:5", false);
    wire_send(&wire, "{\"id\":\"a\",\"moves\":[[\"B\",\"C3\"],[\"W\",\"C2\"]],\"analyzeTurns\":[0,1,2]," GAME5 "}");
    close(wire.to);
    wire.to = -1;
    for (int i = 0; i < 3; i++) {
        cJSON *json = next(&wire);
        check_final(json, "a", i);
        cJSON_Delete(json);
    }
    close_analysis(&wire, analysis);
    cr_assert_eq(wire.status, 0);

    analysis = open_analysis(&wire, "rollout:20", "go:5", true);
    start_long(&wire);
    int64_t start = g_get_monotonic_time();
    close_analysis(&wire, analysis);
    cr_assert(g_get_monotonic_time() - start < 5000000);
}

/* Other games can be analysed; a finished one has the value of its result. */
Test(analysis, gomoku)
{
    struct wire wire;
    struct analysis *analysis = open_analysis(&wire, "rollout:50", "gomoku:3,line=3", false);
    cJSON *json = ask(&wire, "{\"id\":\"a\",\"boardXSize\":3,\"boardYSize\":3,\"maxVisits\":200,\"moves\":"
                             "[[\"B\",\"A1\"],[\"W\",\"B2\"],[\"B\",\"A2\"],[\"W\",\"C3\"]]}");
    check_final(json, "a", 4);
    cr_assert_str_eq(text_of(move_at(json, 0), "move"), "A3");
    cr_assert(number_of(move_at(json, 0), "winrate") > 0.9);
    cJSON_Delete(json);
    json = ask(&wire, "{\"id\":\"b\",\"boardXSize\":3,\"boardYSize\":3,\"moves\":"
                      "[[\"B\",\"A1\"],[\"W\",\"B2\"],[\"B\",\"A2\"],[\"W\",\"C3\"],[\"B\",\"A3\"]]}");
    check_final(json, "b", 5);
    cr_assert_eq(root_of(json, "winrate"), 1);
    cr_assert_eq(cJSON_GetArraySize(cJSON_GetObjectItem(json, "moveInfos")), 0);
    cJSON_Delete(json);
    close_analysis(&wire, analysis);
}

static double lead_of(struct wire *wire, const char *query)
{
    cJSON *json = ask(wire, query);
    cr_assert(!cJSON_HasObjectItem(json, "error"), "%s: %s", query, text_of(json, "error"));
    double lead = root_of(json, "scoreLead");
    cJSON_Delete(json);
    return lead;
}

/* The lead on a decided board reveals the komi: the query's, otherwise that of the rules, otherwise 7.5 or 6.5. */
#define DECIDED_BOARD                                                                                                  \
    "{\"id\":\"k\",\"initialStones\":[[\"B\",\"A1\"],[\"B\",\"A2\"],[\"B\",\"A4\"],[\"B\",\"B1\"],[\"B\",\"B2\"],["    \
    "\"B\","                                                                                                           \
    "\"B3\"],[\"B\",\"B4\"],[\"B\",\"B5\"],[\"B\",\"C1\"],[\"B\",\"C2\"],[\"B\",\"C3\"],[\"B\",\"C4\"],[\"B\",\"C5\"]" \
    ","                                                                                                                \
    "[\"W\",\"D1\"],[\"W\",\"D2\"],[\"W\",\"D3\"],[\"W\",\"D4\"],[\"W\",\"D5\"],[\"W\",\"E1\"],[\"W\",\"E2\"],[\"W\"," \
    "\"E4\"]]"                                                                                                         \
    ",\"moves\":[],\"boardXSize\":5,\"boardYSize\":5,\"maxVisits\":60,"

Test(analysis, komi_of_rules)
{
    static const struct {
        const char *rest;
        double komi;
    } cases[] = {
        {"\"rules\":\"tromp-taylor\"", 7.5},
        {"\"rules\":\"tromp-taylor\",\"komi\":0", 0},
        {"\"rules\":{\"ko\":\"SIMPLE\",\"komi\":2.5}", 2.5},
        {"\"rules\":{\"ko\":\"SIMPLE\",\"komi\":2.5},\"komi\":1", 1},
        {"\"rules\":\"{\\\"komi\\\":3}\"", 3},
        {"\"rules\":\"koPOSITIONALscoreAREAtaxNONEsui1komi4\"", 4},
        {"\"rules\":\"koPOSITIONALscoreAREAtaxNONEsui1\"", 7.5},
    };
    struct wire wire;
    struct analysis *analysis = open_analysis(&wire, "rollout:60", "go:19", false);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char *query = g_strconcat(DECIDED_BOARD, cases[i].rest, "}", NULL);
        double lead = lead_of(&wire, query);
        cr_expect(fabs(lead - (5 - cases[i].komi)) < 0.1, "%s: black leads by %g", cases[i].rest, lead);
        g_free(query);
    }
    close_analysis(&wire, analysis);
}

/* Black stones in a row at the start count as handicap, for which Chinese rules give white as many points. */
Test(analysis, black_moves_as_handicap)
{
    static const struct {
        const char *moves;
        double bonus;
    } cases[] = {
        {"[\"B\",\"C2\"],[\"W\",\"pass\"],[\"B\",\"C4\"],[\"W\",\"pass\"],[\"B\",\"C3\"],[\"W\",\"pass\"]", 3},
        {"[\"B\",\"C2\"],[\"B\",\"C4\"],[\"B\",\"C3\"],[\"W\",\"pass\"]", 3},
        {"[\"B\",\"C3\"],[\"W\",\"pass\"],[\"B\",\"pass\"],[\"W\",\"pass\"]", 0},
    };
    struct wire wire;
    struct analysis *analysis = open_analysis(&wire, "rollout:20", "go:19", false);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char *query[2];
        double lead[2];
        for (int bonus = 0; bonus < 2; bonus++) {
            query[bonus] =
                g_strdup_printf("{\"id\":\"k\",\"boardXSize\":5,\"boardYSize\":5,\"rules\":\"chinese\",\"komi\":0,"
                                "\"whiteHandicapBonus\":\"%s\",\"maxVisits\":400,\"moves\":[%s]}",
                                bonus ? "N" : "0", cases[i].moves);
            lead[bonus] = lead_of(&wire, query[bonus]);
            g_free(query[bonus]);
        }
        cr_expect(fabs(lead[0] - lead[1] - cases[i].bonus) < 1, "%s: %g and %g", cases[i].moves, lead[0], lead[1]);
    }
    close_analysis(&wire, analysis);
}

/* Each player may have its own list; moves to avoid are removed from those allowed. */
Test(analysis, allowed_for_each_player)
{
    struct wire wire;
    struct analysis *analysis = open_analysis(&wire, "net:default", "go:5", false);
    for (int turn = 0; turn < 2; turn++) {
        char *query = g_strdup_printf("{\"id\":\"a\",\"moves\":[%s]," GAME5 ",\"allowMoves\":["
                                      "{\"player\":\"B\",\"moves\":[\"A1\"],\"untilDepth\":1},{\"player\":\"W\","
                                      "\"moves\":[\"B2\",\"E5\"],\"untilDepth\":1}],"
                                      "\"avoidMoves\":[{\"player\":\"W\",\"moves\":[\"E5\"],\"untilDepth\":1}]}",
                                      turn ? "[\"B\",\"C3\"]" : "");
        cJSON *json = ask(&wire, query);
        cr_assert_eq(cJSON_GetArraySize(cJSON_GetObjectItem(json, "moveInfos")), 1, "%s", query);
        cr_assert_str_eq(text_of(move_at(json, 0), "move"), turn ? "B2" : "A1");
        cJSON_Delete(json);
        g_free(query);
    }
    close_analysis(&wire, analysis);
}

/* If nobody is left to read the answer, the search ends at once, although the input is still open. */
Test(analysis, hung_up)
{
    struct wire wire;
    struct analysis *analysis = open_analysis(&wire, "rollout:100000000", "go:9", false);
    wire_send(&wire, "{\"id\":\"a\",\"moves\":[],\"boardXSize\":9,\"boardYSize\":9,\"maxVisits\":100000000}\n");
    g_usleep(100000);
    int64_t start = g_get_monotonic_time();
    wire_hang_up(&wire);
    close_analysis(&wire, analysis);
    cr_assert(g_get_monotonic_time() - start < 3000000);
    cr_assert_eq(wire.status, -1);
}

/* That the net has not learned the game is said on stderr, once for each such game; a query has one answer. */
Test(analysis, games_that_the_net_has_not_learned)
{
    struct wire wire;
    struct stderr_file said;
    stderr_catch(&said);
    struct analysis *analysis = open_analysis(&wire, "net:default", "go:9", false);
    static const int sizes[] = {9, 8, 8, 16, 8};
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        char *query = g_strdup_printf("{\"id\":\"q\",\"moves\":[],\"rules\":\"tromp-taylor\",\"komi\":7,\"maxVisits\":1,"
                                      "\"boardXSize\":%d,\"boardYSize\":%d}",
                                      sizes[i], sizes[i]);
        cJSON *answer = ask(&wire, query);
        cr_expect(cJSON_GetObjectItem(answer, "moveInfos"), "%d", sizes[i]);
        cJSON_Delete(answer);
        g_free(query);
    }
    close_analysis(&wire, analysis);
    char **lines = stderr_lines(&said);
    cr_assert_eq(g_strv_length(lines), 3, "%s", lines[0]);
    cr_expect(g_str_has_prefix(lines[0], "tengen analysis: this net was not trained on size 8 ("), "%s", lines[0]);
    cr_expect(g_str_has_prefix(lines[1], "tengen analysis: this net was not trained on size 16 ("), "%s", lines[1]);
    g_strfreev(lines);
}
