#!/usr/bin/env python3
"""train.py MIX OUT.npz [--hidden 48] [--epochs 30] — fits the echo canceller's learned mask to material from mix.py.

Expects MIX/NNNNN.f32 beside each .wav: the rows that `cargo run --release -p mc-dsp-v2 --example aec_mask` writes, so that features
exist once, in Rust. The network: standardised features -> one GRU -> a logistic gain per band, and whether the near end talks.
The loss compares what the gains make of the error with what is wanted, on compressed amplitudes with and without phase.
"""
import argparse, glob, time
import jax, jax.numpy as jnp, numpy as np, optax

BANDS, LENGTH, CLIP = 24, 3750, 6.0                                        # steps a file; limit of a standardised feature
EMPTY = -30.0                                                              # stands for the power of a band above half the sample rate
POWER = .3                                                                 # amplitudes are compressed by this exponent


def load(folder, limit):
    """Rows of features and truth, one per step of the network: a step decides on two blocks."""
    rows, near = [], []
    for path in sorted(glob.glob(f"{folder}/*.f32"))[:limit]:
        lab = np.fromfile(path[:-4] + ".lab", np.int8).reshape(-1, 2)[:LENGTH]; blocks = np.fromfile(path, np.float32).reshape(LENGTH, 2, -1); error, share, wanted = (blocks[..., i * BANDS - 3 * BANDS:][..., :BANDS] for i in range(3))
        e = 10. ** error; whole = e.sum(1); cross, power = (share * e).sum(1), (wanted * e).sum(1); empty = error[:, 0] < -11.9
        level = np.log10(whole) - np.log10(max(np.percentile(power.mean(1), 90), 1e-8)); level[empty] = EMPTY                       # relative to the loud parts of what is wanted
        rows.append(np.concatenate([blocks[:, 0, :-3 * BANDS], level, np.clip(cross / whole, -3e4, 3e4), np.minimum(power / whole, 3e4)], 1).astype(np.float16)); near.append(lab.max(1))
    return np.stack(rows), np.stack(near)


def initial(key, features, hidden):
    keys = jax.random.split(key, 3); normal = lambda k, a, b: jax.random.normal(k, (a, b)) / np.sqrt(a)
    return {"input": normal(keys[0], features, 3 * hidden), "recurrent": normal(keys[1], hidden, 3 * hidden) * .7, "bias": jnp.zeros(3 * hidden), "bias_new": jnp.zeros(hidden), "output": normal(keys[2], hidden, BANDS + 1) * .5, "output_bias": jnp.ones(BANDS + 1)}


def forward(p, x, h):
    """x: (batch, blocks, features), standardised. Gate order reset, update, new."""
    n = h.shape[1]
    def step(h, g):
        r = h @ p["recurrent"]; reset = jax.nn.sigmoid(g[:, :n] + r[:, :n]); update = jax.nn.sigmoid(g[:, n:2 * n] + r[:, n:2 * n]); new = jnp.tanh(g[:, 2 * n:] + reset * (r[:, 2 * n:] + p["bias_new"])); h = (1 - update) * new + update * h
        return h, h
    h, states = jax.lax.scan(step, h, (x @ p["input"] + p["bias"]).swapaxes(0, 1), unroll=5); return (states @ p["output"] + p["output_bias"]).swapaxes(0, 1), h


def loss_of(o, truth, near, a):
    error, cross, wanted = (truth[..., i * BANDS:(i + 1) * BANDS] for i in range(3)); e = 10. ** jnp.clip(error, -9, 6); filled = error > EMPTY / 2
    gain = jax.nn.sigmoid(o[..., :BANDS]); floor = 1e-8; s = wanted * e; phase = jnp.clip(cross / jnp.sqrt(wanted + 1e-6), -1, 1)
    made, meant = (gain ** 2 * e + floor) ** (POWER / 2), (s + floor) ** (POWER / 2)
    difference = made - meant; magnitude = difference ** 2 * jnp.where(difference < 0, a.protect, 1.)        # lost voice weighs more than echo left
    complex_ = jnp.maximum(made ** 2 + meant ** 2 - 2 * made * meant * phase, 0)
    linear = (gain ** 2 * e - 2 * gain * cross * e + s) / (s.mean((-1, -2), keepdims=True) + 1e-2)             # the plain error, for the loud parts
    talks = optax.sigmoid_binary_cross_entropy(o[..., BANDS], near)
    mask = filled.astype(jnp.float32)
    return ((magnitude + .3 * complex_ + a.linear * jnp.minimum(linear, 30.)) * mask).sum(-1).mean() / BANDS + .02 * talks.mean()


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter); p.add_argument("mix"); p.add_argument("out"); p.add_argument("--hidden", type=int, default=48); p.add_argument("--epochs", type=int, default=30); p.add_argument("--batch", type=int, default=32); p.add_argument("--chunk", type=int, default=250); p.add_argument("--seed", type=int, default=1); p.add_argument("--files", type=int, default=None); p.add_argument("--protect", type=float, default=2.); p.add_argument("--linear", type=float, default=.02); p.add_argument("--minutes", type=float, default=1e9); a = p.parse_args()
    rows, near = load(a.mix, a.files); features = rows.shape[2] - 3 * BANDS; held = max(1, len(rows) // 12)
    flat = rows[::7, ::37, :features].reshape(-1, features).astype(np.float32); mean, spread = flat.mean(0), flat.std(0) + 1e-2
    print(f"{len(rows)} files, {near.mean():.3f} near end, {features} features", flush=True); train = np.arange(held, len(rows)); steps = a.epochs * (len(train) // a.batch) * (LENGTH // a.chunk)
    rate = optax.warmup_cosine_decay_schedule(1e-3, 4e-3, steps // 20, steps, 2e-5)
    optimiser = optax.chain(optax.clip_by_global_norm(1.), optax.adamw(rate, weight_decay=1e-3)); p = initial(jax.random.PRNGKey(a.seed), features, a.hidden); state = optimiser.init(p)

    def loss(p, row, near, h, key=None):
        row = row.astype(jnp.float32); x = jnp.clip((row[..., :features] - mean) / spread, -CLIP, CLIP)
        if key is not None: x = x + .05 * jax.random.normal(key, x.shape)
        o, end = forward(p, x, h); return loss_of(o, row[..., features:], near.astype(jnp.float32), a), end

    @jax.jit
    def update(p, state, row, near, h, key): (value, end), g = jax.value_and_grad(loss, has_aux=True)(p, row, near, h, key); u, state = optimiser.update(g, state, p); return optax.apply_updates(p, u), state, value, end
    check = jax.jit(lambda p, rows, near: loss(p, rows, near, jnp.zeros((held, a.hidden)))[0])

    rng, key, start = np.random.default_rng(a.seed), jax.random.PRNGKey(a.seed + 1), time.time()
    for epoch in range(a.epochs):
        losses, order = [], rng.permutation(train)
        for i in range(0, len(order) - a.batch + 1, a.batch):
            j = np.sort(order[i:i + a.batch]); h = jnp.zeros((a.batch, a.hidden))                 # the state runs on through a file's chunks
            for c in range(0, LENGTH, a.chunk): key, k = jax.random.split(key); p, state, value, h = update(p, state, rows[j, c:c + a.chunk], near[j, c:c + a.chunk], h, k); losses.append(float(value))
        print(f"epoch {epoch}: loss {np.mean(losses):.5f}, held out {float(check(p, rows[:held], near[:held])):.5f}, {time.time() - start:.0f} s", flush=True); np.savez(a.out, mean=mean, spread=spread, **{k: np.asarray(v) for k, v in p.items()})
        if time.time() - start > 60 * a.minutes: break


if __name__ == "__main__": main()
