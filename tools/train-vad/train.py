#!/usr/bin/env python3
"""train.py MIX... OUT.npz [--hidden 48] [--epochs 20] [--start NET.npz] — fits the detector's recurrent network to material from mix.py.

Expects MIX/NNNNN.f32 beside each .wav: the feature rows that `cargo run --release -p mc-dsp-v2 --example vad_features` writes, so that
features exist once, in Rust. The network: standardised features -> one GRU -> logistic output. What is written is the running mean of
the weights over the last few hundred steps, which hears better than the last step's (B. Polyak and A. Juditsky, 1992). The unit's passes
through time are in gru.c, which is compiled with cc.
"""
import argparse, ctypes, glob, os, subprocess, tempfile, time
import numpy as np

LENGTH, CLIP = 3000, 6.0                                                   # frames a file; limit of a standardised feature
MEMORY = .995                                                              # of the weights' running mean
DECAY, STEEPEST = 2e-3, 1.0                                                # of weights per step, times the rate; limit of a gradient's norm


def load(folder):
    x, y = [], []
    for path in sorted(glob.glob(f"{folder}/*.f32")):
        lab = np.fromfile(path[:-4] + ".lab", np.int8); row = np.fromfile(path, np.float32).reshape(len(lab), -1); x.append(row[:LENGTH].astype(np.float16)); y.append(lab[:LENGTH])
    return np.stack(x), np.stack(y)


def weights(y, alarm):
    """Frames beside a label's edge teach little: the label itself is uncertain there."""
    w = np.ones(y.shape, np.float32); edge = np.abs(np.diff(y, axis=1)) > 0
    w[:, 1:][edge] = .5; w[:, :-1][edge] = .5
    w[y.sum(1) == 0] = alarm                                               # a false alarm in noise alone is worse than one in a pause
    return w


def initial(rng, features, hidden):
    normal = lambda a, b: (rng.standard_normal((a, b)) / np.sqrt(a)).astype(np.float32)
    return {"input": normal(features, 3 * hidden), "recurrent": normal(hidden, 3 * hidden) * np.float32(.7), "bias": np.zeros(3 * hidden, np.float32), "bias_new": np.zeros(hidden, np.float32), "output": normal(hidden, 1)[:, 0], "output_bias": np.zeros((), np.float32)}


class Unit:
    """The network on batches: outputs, loss and gradients. Gate order reset, update, new."""
    def __init__(self, hidden):
        assert hidden % 16 == 0, "--hidden: a multiple of 16"
        here = os.path.dirname(os.path.abspath(__file__)); library = tempfile.mktemp(suffix=".so")
        subprocess.run(["cc", "-O3", "-march=native", "-ffast-math", "-shared", "-fPIC", f"-DUNITS={hidden}", f"{here}/gru.c", "-o", library], check=True); self.c = ctypes.CDLL(library); os.remove(library)

    def forward(self, p, x, h):
        """x: (frames, batch, features), standardised; h: (batch, hidden), batch even. Returns logits, states and what backward needs."""
        frames, batch, _ = x.shape; hidden = h.shape[1]; flat = x.reshape(frames * batch, -1)
        gates = flat @ p["input"] + p["bias"]; states = np.empty((frames + 1, batch, hidden), np.float32); states[0] = h; before = np.empty((frames, batch, hidden), np.float32); work = np.empty((batch, 4 * hidden), np.float32)
        self.c.forward(frames, batch, *map(pointer, (p["recurrent"], p["bias_new"], states, gates, before, work)))
        return states[1:] @ p["output"] + p["output_bias"], states, (flat, gates, before, work)

    def gradients(self, p, x, y, w, h):
        """Loss, gradients, and the last state, for targets and weights of frames x batch."""
        logits, states, (flat, gates, before, work) = self.forward(p, x, h); frames, batch = y.shape; hidden = h.shape[1]
        loss = (w * (np.logaddexp(0, logits) - y * logits)).mean(); error = (w * (1 / (1 + np.exp(-logits)) - y) / y.size).astype(np.float32); slope = error[..., None] * p["output"]
        self.c.backward(frames, batch, *map(pointer, (np.ascontiguousarray(p["recurrent"].T), states, gates, before, slope, work)))
        old = states[:-1].reshape(frames * batch, hidden); before = before.reshape(old.shape)
        recurrent = np.concatenate([old.T @ gates[:, :2 * hidden], old.T @ before], 1)
        return loss, {"input": flat.T @ gates, "recurrent": recurrent, "bias": gates.sum(0), "bias_new": before.sum(0), "output": error.reshape(-1) @ states[1:].reshape(old.shape), "output_bias": error.sum()}, states[-1]


def pointer(array): assert array.dtype == np.float32 and array.flags.c_contiguous; return array.ctypes.data_as(ctypes.c_void_p)


class Adam:
    """With decoupled weight decay (I. Loshchilov and F. Hutter, 2019)."""
    def __init__(self, p): self.first, self.second, self.steps = {k: np.zeros_like(v) for k, v in p.items()}, {k: np.zeros_like(v) for k, v in p.items()}, 0

    def step(self, p, g, rate):
        self.steps += 1; norm = np.sqrt(sum(float((v ** 2).sum()) for v in g.values())); limit = min(1, STEEPEST / (norm + 1e-9))
        for k in p:
            d = g[k] * limit; self.first[k] = .9 * self.first[k] + .1 * d; self.second[k] = .999 * self.second[k] + .001 * d * d
            p[k] = (p[k] - rate * (self.first[k] / (1 - .9 ** self.steps) / (np.sqrt(self.second[k] / (1 - .999 ** self.steps)) + 1e-8) + DECAY * p[k])).astype(np.float32)


def rate_at(done, peak):
    """A short rise, then a cosine down to a hundredth."""
    return peak * (.25 + .75 * done / .05 if done < .05 else .01 + .99 * (.5 + .5 * np.cos(np.pi * (done - .05) / .95)))


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter); a.add_argument("mix", nargs="+"); a.add_argument("out"); a.add_argument("--hidden", type=int, default=48); a.add_argument("--epochs", type=int, default=20); a.add_argument("--batch", type=int, default=64); a.add_argument("--chunk", type=int, default=250); a.add_argument("--rate", type=float, default=4e-3); a.add_argument("--alarm", type=float, default=1.6, help="weight of files without speech"); a.add_argument("--start", help="a network to go on from, with its scaling of features"); a.add_argument("--seed", type=int, default=0); a = a.parse_args()
    X, Y = (np.concatenate(v) for v in zip(*map(load, a.mix))); W = weights(Y, a.alarm); flat = X[::7, ::11].reshape(-1, X.shape[2]).astype(np.float32); mean, spread = flat.mean(0), flat.std(0) + np.float32(1e-3); rng = np.random.default_rng(a.seed)
    p = dict(np.load(a.start)) if a.start else None
    if p: mean, spread = p.pop("mean"), p.pop("spread")
    else: p = initial(rng, X.shape[2], a.hidden)
    print(f"{len(X)} files, {Y.mean():.3f} speech", flush=True); unit, adam, average, began, done = Unit(a.hidden), Adam(p), None, time.time(), 0; steps = a.epochs * (len(X) // a.batch) * (LENGTH // a.chunk)
    for epoch in range(a.epochs):
        losses, order = [], rng.permutation(len(X))
        for i in range(0, len(order) - a.batch + 1, a.batch):
            j = np.sort(order[i:i + a.batch]); h = np.zeros((a.batch, a.hidden), np.float32)      # the state runs on through a file's chunks
            for c in range(0, LENGTH, a.chunk):
                x, y, w = (np.ascontiguousarray(v[j, c:c + a.chunk].swapaxes(0, 1), np.float32) for v in (X, Y, W)); x -= mean; x /= spread; np.clip(x, -CLIP, CLIP, out=x); x += np.float32(.08) * rng.standard_normal(x.shape, np.float32)
                loss, g, h = unit.gradients(p, x, y, w, h); adam.step(p, g, rate_at(done / steps, a.rate)); losses.append(loss); done += 1
                memory = min(MEMORY, done / (done + 9)); average = {k: memory * average[k] + (1 - memory) * v for k, v in p.items()} if average else dict(p)
        print(f"epoch {epoch}: loss {np.mean(losses):.4f}, {time.time() - began:.0f} s", flush=True); np.savez(a.out, mean=mean, spread=spread, **{k: np.asarray(v, np.float32) for k, v in average.items()})


if __name__ == "__main__": main()
