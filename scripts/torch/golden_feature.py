"""Writes tests/golden/feature.json: values from PyTorch in float64 for methods that look inside the networks.

    /usr/bin/python3 scripts/torch/golden_feature.py

Losses are written here a second time, from their formulas and in PyTorch's own functions. Each has its value and its
gradients for the student's logits, its inner outputs, and the weights of networks that learn beside it. Inner outputs
are stored as the engine has them, channels last; weights of such networks are waves, which the test makes itself.
"""

import json
import math
import os

import torch
import torch.nn.functional as F

from golden import erm, flat, kl, rows, soft, wave

OUT = os.path.join(os.path.dirname(__file__), "..", "..", "tests", "golden", "feature.json")
STAGES = {"early": "stage1", "middle": "stage1", "late": "stage2"}


def channels_first(x):
    return x.permute(0, 3, 1, 2)


def same_size(a, b):
    """Two maps, channels first, at the smaller one's size."""
    side = min(a.shape[-1], b.shape[-1])
    return F.adaptive_avg_pool2d(a, side), F.adaptive_avg_pool2d(b, side)


def conv(x, weight):
    kernel = weight.shape[0]
    return F.conv2d(x, weight.permute(3, 2, 0, 1), padding=kernel // 2)


def fitnets(case, p, aux):
    at = STAGES[p["layer"]]
    own, theirs = channels_first(case["taps"][at]), channels_first(case["teachers"][0]["taps"][at])
    a, b = same_size(conv(own, aux["projection"]["layer1.weight"]), theirs)
    return erm(case["logits"], case, p) + p["beta"] * F.mse_loss(a, b)


def at(case, p, aux):
    loss = erm(case["logits"], case, p)
    for stage in ("stage1", "stage2"):
        maps = same_size(channels_first(case["taps"][stage]), channels_first(case["teachers"][0]["taps"][stage]))
        a, b = (F.normalize(m.pow(2).mean(1).flatten(1), dim=1) for m in maps)
        loss = loss + p["beta"] * F.mse_loss(a, b)
    return loss


def distances(f):
    d = torch.cdist(f, f, compute_mode="donot_use_mm_for_euclid_dist")
    return d / d[d > 0].mean()


def angles(f):
    n = len(f)
    out = []
    for j in range(n):
        for i in range(n):
            for k in range(n):
                out.append(F.cosine_similarity(f[i] - f[j], f[k] - f[j], dim=0) if i != j and k != j else torch.tensor(0.0))
    return torch.stack(out)


def rkd(case, p, aux):
    own, theirs = case["taps"]["pool"], case["teachers"][0]["taps"]["pool"]
    return (erm(case["logits"], case, p) + p["distance"] * F.smooth_l1_loss(distances(own), distances(theirs))
            + p["angle"] * F.smooth_l1_loss(angles(own), angles(theirs)))


def contrast(embedding, index, bank, before, softness, real, labels):
    """Noise-contrastive estimation with other lines of the bank as noise, as the ratios of the paper.

    Every other line is noise, or where labels are given, every line of another class.
    """
    n = len(bank)
    z = torch.exp(before @ bank.T / softness).mean() * n
    score = torch.exp(embedding @ bank.T / softness) / z
    total = 0
    for row, line in enumerate(index):
        strangers = [j for j in range(n) if j != line and (labels is None or labels[j] != labels[line])]
        noise = len(strangers) / n
        for j in [line, *strangers]:
            s = score[row, j]
            right = s / (s + noise)
            total = total - real[row] * torch.log(right if j == line else 1 - right)
    return total / len(embedding)


def crd(case, p, aux):
    half = p["size"]
    embed = lambda name, f: F.normalize(f @ aux[name]["layer1.weight"] + aux[name]["layer1.bias"], dim=1)
    own, theirs = embed("student", case["taps"]["pool"]), embed("teacher", case["teachers"][0]["taps"]["pool"])
    bank = case["memory"]["all"]
    lines = bank[case["index"]]
    real = case["targets"].sum(1)
    labels = case["memory"]["labels"].argmax(1).tolist() if p["negatives"] == "classes" else None
    return (erm(case["logits"], case, p)
            + p["beta"] * contrast(own, case["index"], bank[:, half:], lines[:, :half], p["softness"], real, labels)
            + p["beta"] * contrast(theirs, case["index"], bank[:, :half], lines[:, half:], p["softness"], real, labels))


def correlation(f, targets):
    labelled = targets.sum(1) > 0
    centred = f - f[labelled].mean(0)
    labels = targets.argmax(1)
    classes = targets.shape[1]
    present = [c for c in range(classes) if bool((labels[labelled] == c).any())]
    means = {c: centred[labelled & (labels == c)].mean(0) for c in present}
    zero = torch.tensor(0.0)
    return torch.stack([torch.stack([F.cosine_similarity(means[c], means[d], dim=0) if c in means and d in means else zero
                                     for d in range(classes)]) for c in range(classes)])


def icc(case, p, aux):
    t, teacher = p["temperature"], case["teachers"][0]
    apart = correlation(case["taps"]["pool"], case["targets"]) - correlation(teacher["taps"]["pool"], case["targets"])
    return ((1 - p["alpha"]) * erm(case["logits"], case, p)
            + p["alpha"] * t**2 * kl(soft(teacher["logits"], t), case["logits"], t) + p["gamma"] * apart.pow(2).mean())


def feed(case, p, aux):
    loss = erm(case["logits"], case, p)
    for number, teacher in enumerate(case["teachers"]):
        weights = aux[f"transform{number + 1}"]
        x = channels_first(case["taps"]["stage2"])
        x = conv(torch.relu(conv(torch.relu(conv(x, weights["layer1.weight"])), weights["layer3.weight"])), weights["layer5.weight"])
        # Flattened channels last or first: the sum is the same.
        a, b = (F.normalize(m.flatten(1), dim=1) for m in same_size(x, channels_first(teacher["taps"]["stage2"])))
        loss = loss + p["beta"] * (F.l1_loss(a, b) if p["reduction"] == "mean" else (a - b).abs().sum(1).mean())
    return loss


def ps_kd(case, p, aux):
    # Step 0 of 1: the schedule's only epoch, in which the share is the final one.
    target = (1 - p["final"]) * case["targets"] + p["final"] * case["memory"]["rows"]
    return -(target * F.log_softmax(case["logits"], 1)).sum() / len(target)


METHODS = {
    "fitnets": (fitnets, [{"layer": "late", "beta": 1}, {"layer": "early", "beta": 10}, {"layer": "middle", "beta": 3}]),
    "at": (at, [{"beta": 1}, {"beta": 100}, {"beta": 30}]),
    "rkd": (rkd, [{"distance": 25, "angle": 50}, {"distance": 4, "angle": 0}, {"distance": 0, "angle": 3}]),
    "crd": (crd, [{"beta": 0.8, "size": 4, "softness": 0.5, "negatives": "all"}, {"beta": 2, "size": 3, "softness": 0.2, "negatives": "all"},
                  {"beta": 0.3, "size": 5, "softness": 1, "negatives": "all"}, {"beta": 0.7, "size": 4, "softness": 0.4, "negatives": "classes"}]),
    "icc": (icc, [{"temperature": 4, "alpha": 0.9, "gamma": 5}, {"temperature": 1, "alpha": 0.5, "gamma": 1}, {"temperature": 2, "alpha": 1, "gamma": 30}]),
    "feed": (feed, [{"beta": 10, "reduction": "mean"}, {"beta": 0.5, "reduction": "sum"}, {"beta": 1, "reduction": "mean"}]),
    "ps-kd": (ps_kd, [{"final": 0.8}, {"final": 0.4}, {"final": 1}]),
}

# Sides of the two stages of student and teacher, and how many teachers there are: equal maps, a larger student's, a
# larger teacher's.
SHAPES = [([4, 2], [4, 2], 1), ([4, 2], [2, 1], 2), ([2, 2], [4, 4], 3)]
WIDTHS = {"student": [2, 3], "teacher": [3, 4]}


def auxiliary_shapes(method, params):
    (_, own), (_, theirs) = WIDTHS["student"], WIDTHS["teacher"]
    if method == "fitnets":
        at = 1 if params["layer"] == "late" else 0
        return {"projection": {"layer1.weight": [1, 1, WIDTHS["student"][at], WIDTHS["teacher"][at]]}}
    if method == "crd":
        of = lambda width: {"layer1.weight": [width, params["size"]], "layer1.bias": [params["size"]]}
        return {"student": of(own), "teacher": of(theirs)}
    if method == "feed":
        return {"layer1.weight": [3, 3, own, theirs], "layer3.weight": [3, 3, theirs, theirs], "layer5.weight": [3, 3, theirs, theirs]}
    return {}


def cases():
    out = []
    for number, (method, (loss_of, settings)) in enumerate(METHODS.items()):
        for index, params in enumerate(settings):
            generator = torch.Generator().manual_seed(1000 + 100 * number + index)
            draw = lambda *shape: torch.randn(*shape, generator=generator).mul(1000).round().div(1000)
            n, c = 4 + index, 3 + index
            sides, other_sides, several = SHAPES[index % len(SHAPES)]
            taps = lambda sides, widths: {"stage1": draw(n, sides[0], sides[0], widths[0]), "stage2": draw(n, sides[1], sides[1], widths[1]), "pool": draw(n, widths[1])}
            labels = torch.randint(0, c, (n,), generator=generator)
            targets = F.one_hot(labels, c).double()
            if index > 0 and method != "ps-kd":
                targets[-1] = 0  # a row without a label
            case = {"logits": 2 * draw(n, c), "targets": targets, "taps": taps(sides, WIDTHS["student"]),
                    "teachers": [{"logits": 2 * draw(n, c), "taps": taps(other_sides, WIDTHS["teacher"])} for _ in range(several)]}
            if method == "crd":
                lines = draw(n + 3, 2 * params["size"])
                halves = [F.normalize(half, dim=1) for half in lines.chunk(2, 1)]
                bank = torch.cat(halves, 1).mul(1e6).round().div(1e6)
                case["index"] = torch.randperm(n + 3, generator=generator)[:n].tolist()
                case["memory"] = {"all": bank, "rows": bank[case["index"]]}
                if params["negatives"] == "classes":
                    of = torch.randint(0, c, (n + 3,), generator=generator)
                    of[case["index"]] = labels
                    case["memory"]["labels"] = F.one_hot(of, c).double()
            if method == "ps-kd":
                lines = (2 * draw(n, c)).softmax(1).mul(1e6).round().div(1e6)
                case["memory"] = {"all": lines, "rows": lines}
            shapes = auxiliary_shapes(method, params)
            if method == "feed":
                shapes = {f"transform{i + 1}": shapes for i in range(several)}
            waves = {name: {key: [1.37, 0.3 * i + j, 0.6, 0.05] for j, key in enumerate(parts)} for i, (name, parts) in enumerate(shapes.items())}
            aux = {name: {key: wave(shape, *waves[name][key]).requires_grad_() for key, shape in parts.items()} for name, parts in shapes.items()}
            for tensor in [case["logits"], *case["taps"].values()]:
                tensor.requires_grad_()
            loss = loss_of(case, params, aux)
            loss.backward()
            inner = lambda taps: {name: {"shape": list(t.shape), "values": flat(t)} for name, t in taps.items()}
            needs_taps = method != "ps-kd"
            given = {"logits": rows(case["logits"]), "targets": rows(targets)}
            gradients = {"logits": flat(case["logits"].grad)}
            if needs_taps:
                given["taps"] = inner(case["taps"])
                given["teacher"] = rows(case["teachers"][0]["logits"])
                given["teachers"] = [{"logits": rows(one["logits"]), "taps": inner(one["taps"])} for one in case["teachers"]]
                gradients["taps"] = {name: flat(t.grad) for name, t in case["taps"].items() if t.grad is not None}
                gradients["auxiliary"] = {name: {key: flat(t.grad) for key, t in parts.items()} for name, parts in aux.items()}
            if "memory" in case:
                given["memory"] = {key: rows(lines) for key, lines in case["memory"].items()}
            out.append({"method": method, "params": params, "rows": given, "auxiliary": waves,
                        "loss": flat(loss, 10)[0], "gradients": gradients})
    return out


def spread():
    """A teacher's cross-entropy plus weight times ln(C - 1) less the entropy of its answers over the wrong classes."""
    out = []
    for index, weight in enumerate([0.1, 1, 4]):
        generator = torch.Generator().manual_seed(2000 + index)
        n, c = 3 + index, 3 + 2 * index
        z = torch.randn(n, c, generator=generator).mul(2000).round().div(1000).requires_grad_()
        labels = torch.randint(0, c, (n,), generator=generator)
        gap = 0
        for row, label in zip(z, labels.tolist()):
            others = torch.cat([row[:label], row[label + 1:]])
            gap = gap + math.log(c - 1) - torch.distributions.Categorical(logits=others).entropy()
        loss = F.cross_entropy(z, labels) + weight * gap / n
        loss.backward()
        out.append({"weight": weight, "logits": rows(z), "targets": rows(F.one_hot(labels, c).double()),
                    "loss": flat(loss, 10)[0], "gradient": flat(z.grad)})
    return out


if __name__ == "__main__":
    with open(OUT, "w") as file:
        json.dump({"losses": cases(), "spread": spread()}, file, separators=(",", ":"))
        file.write("\n")
