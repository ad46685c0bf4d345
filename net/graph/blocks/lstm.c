/* A convolutional long short-term memory (Shi et al. 2015, "Convolutional LSTM Network: A Machine Learning Approach for
 * Precipitation Nowcasting", arXiv 1506.04214) along the moves of a game: the net evaluates a position with a memory of what it
 * saw in the positions before.
 *
 *   trunk x --conv--> gates --+--> cells --> next state [h | c] --conv--> + x --> trunk
 *   state [h | c]  ---conv----^      ^
 *        \---------------------------/
 *
 * The state is [2 S][points], with S = +state: the outputs h and the cells c of S memories at each point; 0 before the first move.
 * Whenever a move is played, the state is advanced by the features x of the position in which it was played (net_runner_carry): each
 * position that was really played counts once. To evaluate a position, the block starts from the state of the positions before it,
 * takes the position's own step, and reads the result; `out` begins at 0, so that the block can be added to a trained net without
 * changing its outputs.
 *
 * In a search, the state of the positions before the root serves the whole tree: it is an input that is held constant while the
 * positions below the root are evaluated (mcts/trail.h). All planes of one state are seen under one symmetry of the board.
 *
 * The state is carried along the last +moves positions and no further: it begins at 0 that many moves before the root. So it is a
 * function of the positions since then, whoever plays and whatever was searched before: undoing and redoing moves gives the same
 * state, a position that was set up begins with a state of 0, and play never carries the state further than training did.
 *
 * In training, a batch consists of sequences of positions of one game under one symmetry, which the block walks through in order
 * (net_samples.back): to the trunk before it and the heads after it they are rows like any others, and gradients pass through all
 * steps, which are at most +moves. Each sequence is a line of positions that carry the state up to a root; the positions after the
 * root stand for the search tree and are evaluated with the root's state, as in a search.
 *
 * The convolution of the state depends on an earlier row, so it runs row by row. The block is not available in int8. */
#include "net/kernels/lstm.h"
#include "net/graph/blocks/blocks.h"
#include "net/graph/blocks/modifiers.h"
#include "net/graph/conv_layer.h"
#include "net/graph/graph.h"
#include "net/graph/op.h"
#include "net/kernels/arithmetic.h"
#include "net/kernels/packed.h"
#include "net/real.h"

#include <math.h>
#include <string.h>

/* ---- the operation: the state after each row, from its gates (first input) and the state before it (second input, or the
 * output of an earlier row); parameters: the convolution of the state ---- */

/* One row of it, in memory that is aligned. */
struct step {
    struct net_extent one;
    struct net_layout gates_layout, state_layout;
    size_t points, channels;
    void *gates, *state;                                  /* packed, as the convolution wants them */
    net_real *values, *before, *after, *dgates, *dbefore; /* [points][4 channels] or [2 channels] */
    net_real *dstates; /* [n][points][2 channels] gradients of the states, from later rows */
    void *workspace;   /* of the convolution */
};

static size_t packed_bytes(const struct net_run *run, struct net_layout layout)
{
    return (size_t)layout.padded * run->arithmetic->packed->bytes * net_run_points(run);
}

/* Divides the scratch memory; returns its size. */
static size_t open_step(const struct net_run *run, struct step *s)
{
    size_t points = net_run_points(run), states = points * (size_t)run->out->layout.channels, at = 0;
    *s = (struct step){.one = {run->extent.width, run->extent.height, 1},
                       .gates_layout = run->in[0]->layout,
                       .state_layout = run->out->layout,
                       .points = points,
                       .channels = (size_t)run->out->layout.channels / 2};
    const size_t state = states * sizeof(net_real), training = run->training;
    const size_t sizes[] = {packed_bytes(run, s->gates_layout),
                            packed_bytes(run, s->state_layout),
                            2 * state,
                            state,
                            state,
                            training * 2 * state,
                            training * state,
                            training * state * (size_t)run->extent.n,
                            run->arithmetic->plan_scratch(net_conv_layer_plan_of(run, 0))};
    void **const parts[] = {&s->gates,          &s->state,           (void **)&s->values,  (void **)&s->before,
                            (void **)&s->after, (void **)&s->dgates, (void **)&s->dbefore, (void **)&s->dstates,
                            &s->workspace};
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        *parts[i] = run->scratch ? (char *)run->scratch + at : NULL;
        at += (sizes[i] + 63) / 64 * 64;
    }
    return at;
}

static size_t scratch(const struct net_run *run)
{
    struct step s;
    return open_step(run, &s);
}

/* The gates of all rows. */
static size_t keep(const struct net_run *run)
{
    return 2 * (size_t)run->out->layout.channels * net_run_points(run) * (size_t)run->extent.n * sizeof(net_real);
}

static net_real *kept(const struct net_run *run, const struct step *s, int row)
{
    return (net_real *)run->keep + (size_t)row * s->points * 4 * s->channels;
}

/* How many rows before this one the row is whose state it continues; 0: its state is the input. */
static int back_of(const struct net_run *run, int row)
{
    int back = run->pass->back ? (int)run->pass->back[row] : 0;
    g_assert(back >= 0 && back <= row);
    return back;
}

/* Copies the state with which a row is seen to s->state and s->before. */
static void read_before(const struct net_run *run, struct step *s, int row)
{
    const int back = back_of(run, row);
    const char *from = back ? run->out->data : run->in[1]->data;
    const size_t bytes = packed_bytes(run, s->state_layout);
    memcpy(s->state, from + (size_t)(row - back) * bytes, bytes);
    run->arithmetic->packed->read_row(s->one, s->state_layout, s->state, 0, s->before);
}

static void forward(const struct net_run *run)
{
    struct step s;
    open_step(run, &s);
    const size_t bytes = packed_bytes(run, s.gates_layout);
    for (int row = 0; row < run->extent.n; row++) {
        net_real *gates = run->training ? kept(run, &s, row) : s.values;
        read_before(run, &s, row);
        memcpy(s.gates, (const char *)run->in[0]->data + (size_t)row * bytes, bytes);
        run->arithmetic->forward(net_conv_layer_plan_of(run, 0), s.state, s.gates, s.workspace);
        run->arithmetic->packed->read_row(s.one, s.gates_layout, s.gates, 0, gates);
        net_lstm_forward(s.points, s.channels, gates, s.before, s.after);
        net_run_write(run, run->out, row, s.after);
    }
}

static void add(size_t count, const net_real *more, net_real *sum)
{
    for (size_t i = 0; i < count; i++)
        sum[i] += more[i];
}

/* Passes the gradient of a row's gates, s->dgates, to the convolution; its share of the state's is added to s->dbefore. */
static void convolution_backward(const struct net_run *run, struct step *s, bool wanted)
{
    const struct net_packed *packed = run->arithmetic->packed;
    memset(s->gates, 0, packed_bytes(run, s->gates_layout));
    packed->write_row(s->one, s->gates_layout, s->gates, 0, s->dgates, false);
    run->arithmetic->backward_weights(net_conv_layer_plan_of(run, 0), s->state, s->gates, s->workspace);
    if (!wanted)
        return;
    run->arithmetic->backward_data(net_conv_layer_plan_of(run, 0), s->gates, s->state, s->workspace);
    packed->read_row(s->one, s->state_layout, s->state, 0, s->after);
    add(s->points * 2 * s->channels, s->after, s->dbefore);
}

static void backward(const struct net_run *run)
{
    struct step s;
    open_step(run, &s);
    const size_t each = s.points * 2 * s.channels;
    memset(s.dstates, 0, each * (size_t)run->extent.n * sizeof *s.dstates);
    for (int row = run->extent.n - 1; row >= 0; row--) {
        const int back = back_of(run, row);
        net_real *dstate = s.dstates + (size_t)row * each;
        net_run_read_gradient(run, row, s.after);
        add(each, s.after, dstate);
        read_before(run, &s, row);
        net_lstm_backward(s.points, s.channels, kept(run, &s, row), s.before, dstate, s.dgates, s.dbefore);
        net_run_give_gradient(run, 0, row, s.dgates);
        convolution_backward(run, &s, back > 0);
        if (back)
            add(each, s.dbefore, s.dstates + (size_t)(row - back) * each);
    }
}

static bool create(struct net_run *run, GError **error)
{
    const struct net_conv_spec spec = {.in = run->out->layout.channels,
                                       .out = run->in[0]->layout.channels,
                                       .kernel = run->op->kernel,
                                       .add = true,
                                       .training = run->training,
                                       .want_data = run->training};
    return net_conv_layer_create(run, &spec, 1, error);
}

static const struct net_op_layer layer = NET_CONV_LAYER(create, net_conv_layer_plan_row);

static const struct net_op_kind carry_op = {
    .name = "carry",
    .inference = NET_DTYPES_REAL,
    .training = NET_DTYPES_REAL,
    .through = -1,
    .flops = net_conv_layer_flops,
    .keep = keep,
    .scratch = scratch,
    .forward = forward,
    .backward = backward,
    .layer = &layer,
};

/* ---- the block ---- */

/* Both terms of the gates have half of their variance. */
static void emit(struct net_builder *builder, int channels)
{
    struct net_graph *graph = builder->graph;
    struct net_carry *carry = &graph->carry;
    const int state = builder->modifiers.state, kernel = 3;
    const double share = sqrt(0.5);
    carry->moves = builder->modifiers.moves;
    carry->in = net_graph_tensor(graph, 2 * state, true);
    int gates = net_builder_conv(builder, "gates", builder->x, 4 * state, false, NET_NO_TENSOR, share);
    struct net_weights weights = net_builder_conv_weights(builder, "state", 2 * state, 4 * state, kernel, share);
    const struct net_op step = {.kind = &carry_op,
                                .ins = 2,
                                .in = {gates, carry->in},
                                .params = 2,
                                .param = {weights.weight, weights.bias},
                                .kernel = kernel};
    carry->op = graph->ops;
    carry->out = net_graph_add(graph, &step, 2 * state, true);
    net_builder_add_conv(builder, net_builder_conv1, "out", carry->out, channels, 0);
}

const struct net_block net_block_lstm = {
    .name = "lstm",
    .help = "residual block with a gated memory (convolutional LSTM) that is carried along the moves played; adds "
            "nothing at "
            "first; at most one per trunk",
    .residual = true,
    .grows = true,
    .once = true,
    .takes = NET_TAKES_BRANCH | NET_TAKES_STATE,
    .emit = emit,
    .ops = (const struct net_op_kind *const[]){&carry_op, NULL},
};
