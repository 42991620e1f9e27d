#!/usr/bin/env python3
"""train.py MIX OUT.npz [--hidden 36] [--epochs 20] [--start NET.npz] — fits the detector's recurrent network to material from mix.py.

Expects MIX/NNNNN.f32 beside each .wav: the feature rows that `cargo run --release -p mc-dsp-v2 --example vad_features` writes, so that
features exist once, in Rust. The network: standardised features -> one GRU -> logistic output. What is written is the running mean of
the weights over the last few hundred steps, which hears better than the last step's (B. Polyak and A. Juditsky, 1992).
"""
import argparse, glob, time
import jax, jax.numpy as jnp, numpy as np, optax

LENGTH, CLIP = 3000, 6.0                                                   # frames a file; limit of a standardised feature
MEMORY, ALARM = .993, 2.0                                                  # of the weights' running mean; weight of noise without speech


def load(folder):
    x, y = [], []
    for path in sorted(glob.glob(f"{folder}/*.f32")):
        lab = np.fromfile(path[:-4] + ".lab", np.int8); row = np.fromfile(path, np.float32).reshape(len(lab), -1); x.append(row[:LENGTH].astype(np.float16)); y.append(lab[:LENGTH])
    return np.stack(x), np.stack(y).astype(np.float32)


def weights(y):
    """Frames beside a label's edge teach little: the label itself is uncertain there."""
    w = np.ones_like(y); edge = np.abs(np.diff(y, axis=1)) > 0
    w[:, 1:][edge] = .5; w[:, :-1][edge] = .5
    w[y.sum(1) == 0] = ALARM                                               # a false alarm in noise alone is worse than one in a pause
    return w


def initial(key, features, hidden):
    keys = jax.random.split(key, 3); normal = lambda k, a, b: jax.random.normal(k, (a, b)) / np.sqrt(a)
    return {"input": normal(keys[0], features, 3 * hidden), "recurrent": normal(keys[1], hidden, 3 * hidden) * .7, "bias": jnp.zeros(3 * hidden), "bias_new": jnp.zeros(hidden), "output": normal(keys[2], hidden, 1)[:, 0], "output_bias": jnp.array(0.)}


def forward(p, x, h):
    """x: (batch, frames, features), standardised. Gate order reset, update, new."""
    n = h.shape[1]
    def step(h, g):
        r = h @ p["recurrent"]; reset = jax.nn.sigmoid(g[:, :n] + r[:, :n]); update = jax.nn.sigmoid(g[:, n:2 * n] + r[:, n:2 * n]); new = jnp.tanh(g[:, 2 * n:] + reset * (r[:, 2 * n:] + p["bias_new"])); h = (1 - update) * new + update * h
        return h, h
    h, states = jax.lax.scan(step, h, (x @ p["input"] + p["bias"]).swapaxes(0, 1)); return (states @ p["output"] + p["output_bias"]).T, h


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter); a.add_argument("mix", nargs="+"); a.add_argument("out"); a.add_argument("--hidden", type=int, default=36); a.add_argument("--epochs", type=int, default=20); a.add_argument("--batch", type=int, default=96); a.add_argument("--chunk", type=int, default=500); a.add_argument("--rate", type=float, default=4e-3); a.add_argument("--start", help="a network to go on from, with its scaling of features"); a.add_argument("--seed", type=int, default=0); a = a.parse_args()
    X, Y = (np.concatenate(v) for v in zip(*map(load, a.mix))); W = weights(Y); flat = X[::7, ::11].reshape(-1, X.shape[2]).astype(np.float32); mean, spread = flat.mean(0), flat.std(0) + 1e-3
    start = dict(np.load(a.start)) if a.start else None
    if start: mean, spread = start.pop("mean"), start.pop("spread")
    print(f"{len(X)} files, {Y.mean():.3f} speech", flush=True); steps = a.epochs * (len(X) // a.batch) * (LENGTH // a.chunk)
    optimiser = optax.chain(optax.clip_by_global_norm(1.), optax.adamw(optax.warmup_cosine_decay_schedule(a.rate / 4, a.rate, steps // 20, steps, 2e-5), weight_decay=2e-3)); p = mean_p = {k: jnp.asarray(v) for k, v in start.items()} if start else initial(jax.random.PRNGKey(a.seed), X.shape[2], a.hidden); state = optimiser.init(p)

    @jax.jit
    def update(p, mean_p, state, x, y, w, h, key):
        x = jnp.clip((x.astype(jnp.float32) - mean) / spread, -CLIP, CLIP); x = x + .08 * jax.random.normal(key, x.shape)
        def loss(p): o, end = forward(p, x, h); return (w * optax.sigmoid_binary_cross_entropy(o, y)).mean(), end
        (value, end), g = jax.value_and_grad(loss, has_aux=True)(p); u, state = optimiser.update(g, state, p); p = optax.apply_updates(p, u); return p, optax.incremental_update(p, mean_p, 1 - MEMORY), state, value, end

    rng, key, began = np.random.default_rng(a.seed), jax.random.PRNGKey(a.seed + 1), time.time()
    for epoch in range(a.epochs):
        losses, order = [], rng.permutation(len(X))
        for i in range(0, len(order) - a.batch + 1, a.batch):
            j = np.sort(order[i:i + a.batch]); h = jnp.zeros((a.batch, a.hidden))                 # the state runs on through a file's chunks
            for c in range(0, LENGTH, a.chunk): key, k = jax.random.split(key); p, mean_p, state, value, h = update(p, mean_p, state, X[j, c:c + a.chunk], Y[j, c:c + a.chunk], W[j, c:c + a.chunk], h, k); losses.append(float(value))
        print(f"epoch {epoch}: loss {np.mean(losses):.4f}, {time.time() - began:.0f} s", flush=True); np.savez(a.out, mean=mean, spread=spread, **{k: np.asarray(v) for k, v in mean_p.items()})


if __name__ == "__main__": main()
