"""Writes tests/golden/gaussian.json: losses of Gaussian heads and figures from PyTorch in float64.

    /usr/bin/python3 scripts/torch/golden_gaussian.py

Losses and gradients come from torch.distributions and autograd, not from the closed forms that the engine has.
"""

import json
import math
import os

import torch
from torch.distributions import Normal, kl_divergence

from golden import flat, rows

torch.set_default_dtype(torch.float64)
OUT = os.path.join(os.path.dirname(__file__), "..", "..", "tests", "golden", "gaussian.json")


def normal(heads, d):
    return Normal(heads[:, :d], torch.exp(heads[:, d:].clamp(-7, 3) / 2))


def nll(z, case, p):
    d = z.shape[1] // 2
    y, known = case["targets"][:, :d], case["targets"][:, d:]
    constant = 0.5 * math.log(2 * math.pi)
    return (known * (-normal(z, d).log_prob(y) - constant)).sum() / len(z)


def error(z, case, p):
    d = z.shape[1] // 2
    return (case["targets"][:, d:] * (z[:, :d] - case["targets"][:, :d]) ** 2).sum() / len(z)


def gaussian_nll(z, case, p):
    # The first step: within the warm-up where there is one.
    return nll(z, case, p) if p["meanWarmup"] == 0 else 0.5 * error(z, case, p)


def kd_mean(z, case, p):
    d = z.shape[1] // 2
    return ((z - case["teacher"])[:, :d] ** 2).sum() / len(z)


def xcl(z, case, p):
    d = z.shape[1] // 2
    student, teacher = normal(z, d), normal(case["teacher"], d)
    forward, reverse = kl_divergence(teacher, student), kl_divergence(student, teacher)
    kl = {"forward": forward, "reverse": reverse, "symmetric": (forward + reverse) / 2}[p["direction"]]
    return kl.sum() / len(z) + p["labelWeight"] * nll(z, case, p)


METHODS = {
    "gaussian-nll": (gaussian_nll, [{"meanWarmup": 0}, {"meanWarmup": 0.5}, {"meanWarmup": 0}]),
    "mse": (error, [{}, {}, {}]),
    "kd-mean": (kd_mean, [{}, {}, {}]),
    "xcl-gaussian": (
        xcl,
        [
            {"direction": "forward", "labelWeight": 0},
            {"direction": "reverse", "labelWeight": 0},
            {"direction": "symmetric", "labelWeight": 0.4},
        ],
    ),
}


def losses():
    cases = []
    for number, (method, (loss_of, settings)) in enumerate(METHODS.items()):
        for index, params in enumerate(settings):
            g = torch.Generator().manual_seed(1000 + 100 * number + index)
            draw = lambda *shape: torch.randn(*shape, generator=g).mul(1000).round().div(1000)
            n, d = 4 + index, 1 + index
            heads = lambda: torch.cat([draw(n, d), 1.2 * draw(n, d) - 1], 1)
            known = torch.ones(n, d)
            if index > 0:
                known[-1] = 0  # a row without a label
            targets = torch.cat([draw(n, d) * known, known], 1)
            case = {"teacher": heads(), "targets": targets}
            start = heads()
            start[0, d], start[1, d] = -8.5, 3.75  # clipped on either side
            z = start.requires_grad_()
            loss = loss_of(z, case, params)
            loss.backward()
            used = {"kd-mean": ["teacher"], "xcl-gaussian": ["teacher", "targets"]}.get(method, ["targets"])
            inputs = {key: rows(case[key]) for key in used}
            cases.append({"method": method, "params": params, "rows": {"logits": rows(z), **inputs},
                          "loss": flat(loss, 10)[0], "gradient": flat(z.grad)})
    return cases


def merged():
    """Moments of an equal mixture of normal distributions, by torch's own mixture."""
    g = torch.Generator().manual_seed(7)
    members = [torch.randn(3, 4, generator=g).mul(1000).round().div(1000) for _ in range(3)]
    means = torch.stack([m[:, :2] for m in members], -1)
    scales = torch.stack([torch.exp(m[:, 2:] / 2) for m in members], -1)
    mixture = torch.distributions.MixtureSameFamily(
        torch.distributions.Categorical(torch.ones(3, 2, 3)), Normal(means, scales))
    return {"members": [rows(m) for m in members], "wanted": rows(torch.cat([mixture.mean, mixture.variance.log()], 1))}


def figures():
    """Of 40 rows and two targets with units of their own."""
    g = torch.Generator().manual_seed(11)
    n, mean, std = 40, torch.tensor([0.5, -2.0]), torch.tensor([2.0, 0.25])
    draw = lambda *shape: torch.randn(*shape, generator=g).mul(1000).round().div(1000)
    student, teacher = torch.cat([draw(n, 2), 0.5 * draw(n, 2)], 1), torch.cat([draw(n, 2), 0.5 * draw(n, 2)], 1)
    values = (draw(n, 2) * std + mean).mul(1000).round().div(1000)
    s, t = normal(student, 2), normal(teacher, 2)
    real = Normal(s.mean * std + mean, s.stddev * std)
    place = real.cdf(values)
    levels = torch.arange(1, 20) / 20
    off = [abs(float((place <= level).double().mean()) - float(level)) for level in levels]
    ninety = Normal(0.0, 1.0).icdf(torch.tensor(0.95))
    z = (values - real.mean) / real.stddev
    wanted = {
        "rmse": float(((real.mean - values) ** 2).mean().sqrt()),
        "nll": float(-real.log_prob(values).sum(1).mean()),
        "kl": float(kl_divergence(t, s).sum(1).mean()),
        "within1": float((z.abs() <= 1).double().mean()),
        "within90": float((z.abs() <= ninety).double().mean()),
        "calibration": sum(off) / len(off),
    }
    return {"student": rows(student), "teacher": rows(teacher), "values": rows(values), "mean": flat(mean),
            "std": flat(std), "wanted": {key: float(f"{value:.9g}") for key, value in wanted.items()}}


if __name__ == "__main__":
    with open(OUT, "w") as file:
        json.dump({"losses": losses(), "merged": merged(), "figures": figures()}, file)
        file.write("\n")
