// The recurrent part of train.py, forward and backward through time: a unit of UNITS, a multiple of 16 (-DUNITS=48).
// Every array is frames x batch x values. Activations are the detector's own (crates/mc-dsp-v2/src/nn/activation.rs).
#include <string.h>
#define GATES (3 * UNITS)
typedef float lanes __attribute__((vector_size(64), aligned(4), may_alias));

static inline float tanh_(float x) {
    x = x > 4.9f ? 4.9f : x < -4.9f ? -4.9f : x;
    float s = x * x;
    return x * (135135.f + s * (17325.f + s * (378.f + s))) / (135135.f + s * (62370.f + s * (3150.f + s * 28.f)));
}
static inline float sigmoid_(float x) { return .5f + .5f * tanh_(.5f * x); }

// out[rows][width] += in[rows][depth] * matrix[depth][width]; two rows at a time, so that a weight is loaded once for both.
#define PRODUCT(name, DEPTH, WIDTH)                                                                                  \
    static void name(int rows, const float *restrict in, int stride, const float *restrict matrix, float *restrict out) { \
        for (int row = 0; row < rows; row += 2) {                                                                    \
            lanes a[WIDTH / 16], b[WIDTH / 16];                                                                      \
            memcpy(a, out + row * WIDTH, sizeof a); memcpy(b, out + (row + 1) * WIDTH, sizeof b);                    \
            for (int k = 0; k < DEPTH; k++) {                                                                        \
                float p = in[row * stride + k], q = in[(row + 1) * stride + k];                                      \
                for (int j = 0; j < WIDTH / 16; j++) { lanes w = *(const lanes *)(matrix + k * WIDTH + 16 * j); a[j] += p * w; b[j] += q * w; } \
            }                                                                                                        \
            memcpy(out + row * WIDTH, a, sizeof a); memcpy(out + (row + 1) * WIDTH, b, sizeof b);                    \
        }                                                                                                            \
    }
PRODUCT(by_recurrent, UNITS, GATES)
PRODUCT(by_transposed, GATES, UNITS)

// states: frames + 1 of them, the first given. gates: in, the input's product with its bias; out, reset, update and new. before: the
// new gate's recurrent product with its bias. work: batch x GATES.
void forward(int frames, int batch, const float *recurrent, const float *bias_new, float *states, float *gates, float *before, float *work) {
    for (int t = 0; t < frames; t++) {
        const float *h = states + (long)t * batch * UNITS; float *next = states + (long)(t + 1) * batch * UNITS;
        memset(work, 0, sizeof(float) * batch * GATES);
        by_recurrent(batch, h, UNITS, recurrent, work);
        for (int b = 0; b < batch; b++) {
            float *g = gates + ((long)t * batch + b) * GATES, *m = before + ((long)t * batch + b) * UNITS; const float *s = work + b * GATES;
            for (int i = 0; i < 2 * UNITS; i++) g[i] = sigmoid_(g[i] + s[i]);
            for (int i = 0; i < UNITS; i++) {
                m[i] = s[2 * UNITS + i] + bias_new[i];
                float n = g[2 * UNITS + i] = tanh_(g[2 * UNITS + i] + g[i] * m[i]);
                next[b * UNITS + i] = n + g[UNITS + i] * (h[b * UNITS + i] - n);
            }
        }
    }
}

// slope: of the loss by each state, from its output. gates becomes the slope by what went into each gate, before that by the new gate's
// recurrent product. transposed: GATES x UNITS. work: batch x (GATES + UNITS).
void backward(int frames, int batch, const float *transposed, const float *states, float *gates, float *before, const float *slope, float *work) {
    float *into = work, *dh = work + batch * GATES;
    memset(dh, 0, sizeof(float) * batch * UNITS);
    for (int t = frames - 1; t >= 0; t--) {
        const float *h = states + (long)t * batch * UNITS;
        for (int b = 0; b < batch; b++) {
            long at = (long)t * batch + b; float *g = gates + at * GATES, *m = before + at * UNITS, *d = dh + b * UNITS, *r = into + b * GATES;
            for (int i = 0; i < UNITS; i++) {
                float reset = g[i], update = g[UNITS + i], n = g[2 * UNITS + i], all = d[i] + slope[at * UNITS + i];
                float dn = all * (1 - update) * (1 - n * n);
                r[i] = g[i] = dn * m[i] * reset * (1 - reset);
                r[UNITS + i] = g[UNITS + i] = all * (h[b * UNITS + i] - n) * update * (1 - update);
                g[2 * UNITS + i] = dn;
                r[2 * UNITS + i] = m[i] = dn * reset;
                d[i] = all * update;
            }
        }
        by_transposed(batch, into, GATES, transposed, dh);
    }
}
