"""Writes tests/golden/logit.json: losses on logits from PyTorch in float64 that the engine's tests compare to.

    /usr/bin/python3 scripts/torch/golden_logit.py

Each loss is written from its formula with PyTorch's own functions and differentiated by PyTorch. The classes of the
decoupled loss are left out by index, not by a large negative number as in the engine.
"""

import json
import os

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
OUT = os.path.join(os.path.dirname(__file__), "..", "..", "tests", "golden", "logit.json")


def flat(tensor):
    return [float(f"{v:.8g}") for v in tensor.detach().flatten().tolist()]


def rows(tensor):
    return [flat(row) for row in tensor]


def ce(z, targets):
    return -(targets * F.log_softmax(z, 1)).sum() / len(z)


def kl(teacher, student, t):
    """KL(softmax(teacher / t) || softmax(student / t)), mean over rows."""
    return F.kl_div(F.log_softmax(student / t, 1), F.log_softmax(teacher / t, 1), reduction="batchmean", log_target=True)


def z_score(z):
    return (z - z.mean(1, keepdim=True)) / (z.std(1, keepdim=True, unbiased=True) + 1e-7)


def dkd(z, case, p):
    t, targets = p["temperature"], case["targets"]
    student, teacher = (z_score(z), z_score(case["teacher"])) if p["standardise"] else (z, case["teacher"])
    tckd, nckd = 0, 0
    for i in range(len(z)):
        y = int(targets[i].argmax()) if targets[i].sum() > 0 else int(case["teacher"][i].argmax())
        others = [c for c in range(z.shape[1]) if c != y]
        p_t, p_s = (teacher[i] / t).softmax(0), (student[i] / t).softmax(0)
        for a, b in ((p_t[y], p_s[y]), (1 - p_t[y], 1 - p_s[y])):
            tckd = tckd + a * (a / b).log()
        q_t, q_s = p_t[others] / p_t[others].sum(), p_s[others] / p_s[others].sum()
        nckd = nckd + (q_t * (q_t / q_s).log()).sum()
    # One step of one: the warm-up is over where it is shorter than the run, whatever its share.
    return p["labelWeight"] * ce(z, targets) + p["standardWeight"] ** p["standardise"] * t**2 * (p["alpha"] * tckd + p["beta"] * nckd) / len(z)


def correlations(a, b):
    """Pearson's correlation of the rows of a and b, by PyTorch's corrcoef."""
    return torch.stack([torch.corrcoef(torch.stack([x, y]))[0, 1] for x, y in zip(a, b)])


def dist(z, case, p):
    t = p["temperature"]
    a, b = (z / t).softmax(1), (case["teacher"] / t).softmax(1)
    inter, intra = 1 - correlations(a, b).mean(), 1 - correlations(a.T, b.T).mean()
    return p["labelWeight"] * ce(z, case["targets"]) + t**2 * (p["beta"] * inter + p["gamma"] * intra)


def logit_standard(z, case, p):
    t = p["temperature"]
    return p["labelWeight"] * ce(z, case["targets"]) + p["weight"] * t**2 * kl(z_score(case["teacher"]), z_score(z), t)


def function_matching(z, case, p):
    return p["temperature"] ** 2 * kl(case["teacher"], z, p["temperature"])


def good_da(z, case, p):
    t, alpha, teacher, targets = p["temperature"], p["alpha"], case["teacher"], case["targets"]
    clean = targets.sum(1) > 0
    part = lambda rows_: kl(teacher[rows_], z[rows_], t) if rows_.any() else 0
    return (1 - alpha) * ce(z[clean], targets[clean]) + alpha * t**2 * (part(clean) + part(~clean))


METHODS = {
    "dkd": (dkd, [
        {"temperature": 4, "alpha": 1, "beta": 8, "labelWeight": 1, "warmup": 0.1, "standardise": False, "standardWeight": 9},
        {"temperature": 1, "alpha": 2, "beta": 0.5, "labelWeight": 0, "warmup": 0, "standardise": False, "standardWeight": 3},
        {"temperature": 2, "alpha": 1, "beta": 3, "labelWeight": 0.4, "warmup": 0, "standardise": True, "standardWeight": 9},
    ]),
    "dist": (dist, [
        {"temperature": 4, "beta": 2, "gamma": 2, "labelWeight": 1},
        {"temperature": 1, "beta": 1, "gamma": 0.5, "labelWeight": 0},
        {"temperature": 2.5, "beta": 0.3, "gamma": 2, "labelWeight": 0.2},
    ]),
    "logit-standard": (logit_standard, [
        {"temperature": 2, "weight": 9, "labelWeight": 0.1},
        {"temperature": 1, "weight": 1, "labelWeight": 0},
        {"temperature": 4, "weight": 3, "labelWeight": 0.5},
    ]),
    "function-matching": (function_matching, [{"temperature": 1}, {"temperature": 4}, {"temperature": 0.5}]),
    "good-da": (good_da, [
        {"temperature": 4, "alpha": 0.9},
        {"temperature": 1, "alpha": 0.5},
        {"temperature": 2, "alpha": 0.7},
    ]),
}


def main():
    cases = []
    for number, (method, (loss_of, settings)) in enumerate(METHODS.items()):
        for index, params in enumerate(settings):
            generator = torch.Generator().manual_seed(7000 + 100 * number + index)
            draw = lambda *shape: (torch.randn(*shape, generator=generator) * 2).mul(1000).round().div(1000)
            n, c = 4 + index, 3 + 2 * index
            targets = F.one_hot(torch.randint(0, c, (n,), generator=generator), c).double()
            targets[n - index:] = 0  # none, one, two rows without a label, at the end as samplers leave them
            case = {"teacher": draw(n, c), "targets": targets}
            z = draw(n, c).requires_grad_()
            loss = loss_of(z, case, params)
            loss.backward()
            used = ["teacher"] if method == "function-matching" else ["teacher", "targets"]
            cases.append({"method": method, "params": params,
                          "rows": {"logits": rows(z), **{key: rows(case[key]) for key in used}},
                          "loss": flat(loss)[0], "gradient": flat(z.grad)})
    with open(OUT, "w") as file:
        json.dump({"losses": cases}, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
