"""Writes tests/golden/ensemble.json: MEAL V2's loss and gradients from PyTorch in float64.

    /usr/bin/python3 scripts/torch/golden_ensemble.py

The reversal is not written as an operation here: the student's gradient and the discriminator's come from two losses.
"""

import json
import os

import torch
import torch.nn.functional as F

from golden import flat, rows, wave

OUT = os.path.join(os.path.dirname(__file__), "..", "..", "tests", "golden", "ensemble.json")
ROWS, CLASSES = 4, 5
LAYERS = [("layer1", CLASSES, 8), ("layer3", 8, 4), ("layer5", 4, 1)]


def discriminator():
    """Waves of the weights [in, out] and biases by name, and the tensors made of them."""
    waves = {}
    for i, (name, before, after) in enumerate(LAYERS):
        waves[f"{name}.weight"] = [0.71 + 0.13 * i, 0.4 + i, 0.6, 0.05]
        waves[f"{name}.bias"] = [1.3, 0.2 + i, 0.2, 0.1]
    shapes = {}
    for name, before, after in LAYERS:
        shapes[f"{name}.weight"] = (before, after)
        shapes[f"{name}.bias"] = (after,)
    return waves, {n: wave(shapes[n], *w).requires_grad_() for n, w in waves.items()}


def judge(x, w):
    for name, _, _ in LAYERS[:-1]:
        x = F.relu(F.linear(x, w[f"{name}.weight"].T, w[f"{name}.bias"]))
    return F.linear(x, w["layer5.weight"].T, w["layer5.bias"])


def case(how, weight, label_weight, teachers, phase):
    z = wave((ROWS, CLASSES), 1.37, phase, 2.1).requires_grad_()
    taught = [wave((ROWS, CLASSES), 0.93 + 0.2 * k, phase + 1.1 * k + 0.5, 2.6) for k in range(teachers)]
    labels = torch.tensor([0, 3, 2, 4])
    targets = F.one_hot(labels, CLASSES).double()
    p = torch.stack([t.softmax(1) for t in taught]).mean(0)
    soft = F.kl_div(F.log_softmax(z, 1), p, reduction="batchmean") + label_weight * F.cross_entropy(z, labels)
    waves, w = discriminator()
    names = list(w)
    if how == "off":
        loss, (dz,) = soft, torch.autograd.grad(soft, [z])
        waves, dw = {}, {}
    else:
        middle = torch.stack(taught).mean(0)
        truth = torch.cat([torch.ones(ROWS, 1), torch.zeros(ROWS, 1)])
        bce = F.binary_cross_entropy_with_logits(judge(torch.cat([z, middle]), w), truth)
        sign = -1 if how == "adversarial" else 1
        (dz,) = torch.autograd.grad(soft + sign * weight * bce, [z], retain_graph=True)
        dw = dict(zip(names, torch.autograd.grad(weight * bce, [w[n] for n in names])))
        loss = soft + weight * bce
    return {
        "method": "meal-v2", "params": {"discriminator": how, "weight": weight, "labelWeight": label_weight},
        "rows": {
            "logits": rows(z),
            "teacher": rows(taught[0]),
            "teachers": [{"logits": rows(t), "taps": {}} for t in taught],
            "targets": rows(targets),
        },
        "discriminator": waves,
        "loss": flat(loss)[0],
        "gradient": flat(dz),
        "weights": {n: flat(g) for n, g in dw.items()},
    }


cases = [
    case("adversarial", 1, 0, 2, 0.3),
    case("adversarial", 0.5, 0.2, 1, 1.7),
    case("as released", 0.7, 0.1, 3, 0.9),
    case("off", 1, 0, 2, 2.4),
    case("off", 1, 0.3, 3, 0.1),
]
with open(OUT, "w") as out:
    json.dump({"meal": cases}, out)
    out.write("\n")
