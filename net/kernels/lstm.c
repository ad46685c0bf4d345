#include "net/kernels/lstm.h"

#include "net/kernels/sigmoids.h"
#include "net/real.h"

NET_CLONES void net_lstm_forward(size_t points, size_t channels, const net_real *restrict gates,
                                 const net_real *restrict state, net_real *restrict next)
{
    for (size_t p = 0; p < points; p++, gates += 4 * channels, state += 2 * channels, next += 2 * channels)
        for (size_t k = 0; k < channels; k++) {
            const net_real in = sigmoid(gates[k]), keep = sigmoid(gates[channels + k] + 1);
            const net_real out = sigmoid(gates[2 * channels + k]), new = hyperbolic(gates[3 * channels + k]);
            const net_real cell = keep * state[channels + k] + in * new;
            next[k] = out * hyperbolic(cell);
            next[channels + k] = cell;
        }
}

NET_CLONES void net_lstm_backward(size_t points, size_t channels, const net_real *restrict gates,
                                  const net_real *restrict state, const net_real *restrict dnext,
                                  net_real *restrict dgates, net_real *restrict dstate)
{
    for (size_t p = 0; p < points; p++) {
        for (size_t k = 0; k < channels; k++) {
            const net_real in = sigmoid(gates[k]), keep = sigmoid(gates[channels + k] + 1);
            const net_real out = sigmoid(gates[2 * channels + k]), new = hyperbolic(gates[3 * channels + k]);
            const net_real was = state[channels + k], seen = hyperbolic(keep * was + in * new);
            const net_real dout = dnext[k] * seen, dcell = dnext[channels + k] + dnext[k] * out * (1 - seen * seen);
            dgates[k] = dcell * new *in *(1 - in);
            dgates[channels + k] = dcell * was * keep * (1 - keep);
            dgates[2 * channels + k] = dout * out * (1 - out);
            dgates[3 * channels + k] = dcell * in * (1 - new *new);
            dstate[k] = 0;
            dstate[channels + k] = dcell * keep;
        }
        gates += 4 * channels;
        dgates += 4 * channels;
        state += 2 * channels;
        dnext += 2 * channels;
        dstate += 2 * channels;
    }
}
