"""Writes tests/golden/generator.json: the generator's bound and its parts from PyTorch in float64.

    /usr/bin/python3 scripts/torch/golden_generator.py

The bound is taken from torch.distributions (log densities and their KL), not from closed forms, and its gradient from
autograd through the sampled latents, so that an error in the engine's closed forms shows.
"""

import json
import math
import os

import torch
import torch.nn.functional as F
from torch.distributions import Normal, kl_divergence

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
OUT = os.path.join(os.path.dirname(__file__), "..", "..", "tests", "golden", "generator.json")


def wave(shape, a, b, c, d=0.0):
    return (torch.sin(a * torch.arange(math.prod(shape), dtype=torch.float64) + b) * c + d).reshape(shape)


def flat(tensor):
    return [float(f"{v:.9g}") for v in tensor.detach().flatten().tolist()]


def bound(rows, latent, size, spread, scale):
    """Encoder's head -> latents -> a linear decoder -> the bound, and its gradient for head and decoder."""
    waves = {"head": (0.9, 0.2, scale), "noise": (1.7, 0.5, 1.2), "decoder": (0.6, 0.1, 0.8), "x": (1.1, 0.7, 1.5)}
    head = wave((rows, 2 * latent), *waves["head"]).requires_grad_()
    noise = wave((rows, latent), *waves["noise"])
    decoder = wave((latent, size), *waves["decoder"]).requires_grad_()
    x = wave((rows, size), *waves["x"])
    mean, log_variance = head.chunk(2, dim=1)
    posterior = Normal(mean, log_variance.exp().sqrt())
    latents = posterior.loc + posterior.scale * noise
    decoded = Normal(latents @ decoder, spread)
    constant = math.log(spread) + 0.5 * math.log(2 * math.pi)
    reconstruction = (-decoded.log_prob(x) - constant).sum(1).mean()
    kl = kl_divergence(posterior, Normal(torch.zeros_like(mean), torch.ones_like(mean))).sum(1).mean()
    (reconstruction + kl).backward()
    return {
        "rows": rows,
        "latent": latent,
        "size": size,
        "spread": spread,
        "waves": waves,
        "latents": flat(latents),
        "reconstruction": reconstruction.item(),
        "kl": kl.item(),
        "dHead": flat(head.grad),
        "dDecoder": flat(decoder.grad),
    }


def upsampled(shape):
    """Nearest upsampling by two over [n, h, w, c], with the gradient for a given one of the output."""
    n, h, w, c = shape
    waves = {"x": (0.7, 0.3, 1.0), "dy": (1.3, 0.4, 1.0)}
    x = wave(shape, *waves["x"]).requires_grad_()
    y = F.interpolate(x.permute(0, 3, 1, 2), scale_factor=2, mode="nearest").permute(0, 2, 3, 1)
    y.backward(wave((n, 2 * h, 2 * w, c), *waves["dy"]))
    return {"shape": shape, "waves": waves, "y": flat(y), "dx": flat(x.grad)}


def main():
    result = {
        "bound": [bound(3, 2, 5, 1.0, 0.5), bound(4, 3, 6, 0.5, 1.5), bound(2, 1, 3, 0.15, 3.0)],
        "upsample": [upsampled([2, 1, 3, 2]), upsampled([1, 4, 2, 3])],
    }
    with open(OUT, "w") as file:
        json.dump(result, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main()
