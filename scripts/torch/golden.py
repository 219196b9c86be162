"""Writes tests/golden/golden.json: values from PyTorch in float64 that the engine's tests compare to.

    /usr/bin/python3 scripts/torch/golden.py

Losses are written here a second time, from their formulas and in PyTorch's own functions, so that an error in the
engine's closed-form gradients shows. Large inputs are waves, c sin(a i + b) + d, which the tests make themselves.
"""

import json
import math
import os

import torch
import torch.nn.functional as F

from nets import ResNet, to_engine

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
OUT = os.path.join(os.path.dirname(__file__), "..", "..", "tests", "golden", "golden.json")


def wave(shape, a, b, c, d=0.0):
    return (torch.sin(a * torch.arange(math.prod(shape), dtype=torch.float64) + b) * c + d).reshape(shape)


def flat(tensor, digits=8):
    """Rounded to significant digits; plain lists."""
    return [float(f"{v:.{digits}g}") for v in tensor.detach().flatten().tolist()]


def rows(tensor, digits=8):
    return [flat(row, digits) for row in tensor]


# ---- losses ---------------------------------------------------------------------------------------------------------


def soft(z, t):
    return (z / t).softmax(1)


def kl(target, student, t):
    """KL(target || softmax(student / t)), mean over rows."""
    return F.kl_div(F.log_softmax(student / t, 1), target, reduction="batchmean")


def erm(z, case, p):
    return -(case["targets"] * F.log_softmax(z, 1)).sum() / len(z)


def kd(z, case, p):
    return (1 - p["alpha"]) * erm(z, case, p) + p["alpha"] * p["temperature"] ** 2 * kl(soft(case["teacher"], p["temperature"]), z, p["temperature"])


def xcl(z, case, p):
    return p["temperature"] ** 2 * kl(soft(case["teacher"], p["temperature"]), z, p["temperature"]) + p["labelWeight"] * erm(z, case, p)


def mixed_teacher(z, case, p):
    t, share = p["temperature"], case["share"].unsqueeze(1)
    target = share * soft(case["first"], t) + (1 - share) * soft(case["second"], t)
    return t**2 * kl(target, z, t)


METHODS = {
    "erm": (erm, [{}, {}, {}]),
    "mixup-erm": (erm, [{}, {}, {}]),
    "kd": (kd, [{"temperature": 1, "alpha": 1}, {"temperature": 4, "alpha": 0.9}, {"temperature": 2.5, "alpha": 0.3}]),
    "xcl": (xcl, [{"temperature": 1, "labelWeight": 0}, {"temperature": 4, "labelWeight": 0}, {"temperature": 0.5, "labelWeight": 0.4}]),
    "mixed-teacher": (mixed_teacher, [{"temperature": 1}, {"temperature": 4}, {"temperature": 2.5}]),
}


def losses():
    cases = []
    for number, (method, (loss_of, settings)) in enumerate(METHODS.items()):
        for index, params in enumerate(settings):
            generator = torch.Generator().manual_seed(100 * number + index)
            draw = lambda *shape: (torch.randn(*shape, generator=generator) * 2).mul(1000).round().div(1000)
            n, c = 4 + index, 3 + 2 * index
            share = torch.rand(n, generator=generator).mul(1000).round().div(1000)
            labels = torch.randint(0, c, (2, n), generator=generator)
            one, other = F.one_hot(labels[0], c).double(), F.one_hot(labels[1], c).double()
            mix = share.unsqueeze(1)
            targets = mix * one + (1 - mix) * other if method == "mixup-erm" else one
            if method != "mixup-erm" and index > 0:
                targets[-1] = 0  # a row without a label
            case = {"teacher": draw(n, c), "first": draw(n, c), "second": draw(n, c), "share": share, "targets": targets}
            z = draw(n, c).requires_grad_()
            loss = loss_of(z, case, params)
            loss.backward()
            used = {"kd": ["teacher", "targets"], "xcl": ["teacher", "targets"], "mixed-teacher": ["first", "second", "share"]}.get(method, ["targets"])
            inputs = {key: flat(case[key]) if key == "share" else rows(case[key]) for key in used}
            cases.append({"method": method, "params": params, "rows": {"logits": rows(z), **inputs},
                          "loss": flat(loss, 10)[0], "gradient": flat(z.grad)})
    return cases


# ---- layers ---------------------------------------------------------------------------------------------------------


def batch_norm():
    cases = []
    for shape in ([4, 3, 5, 6], [2, 1, 1, 3], [3, 4, 4, 1], [7, 5]):
        c = shape[-1]
        waves = {"x": [0.71, 0.3, 1.5, 0.4], "gamma": [1.1, 0.2, 0.5, 1], "beta": [0.9, 1, 0.3, 0],
                 "mean": [0.5, 2, 0.2, 0.1], "variance": [0.8, 0, 0.4, 1], "dy": [0.37, 0.1, 1, 0]}
        make = lambda key, size: wave(size, *waves[key])
        x = make("x", shape).requires_grad_()
        gamma, beta = make("gamma", [c]).requires_grad_(), make("beta", [c]).requires_grad_()
        mean, variance = make("mean", [c]), make("variance", [c])
        first = x.permute(0, 3, 1, 2) if len(shape) == 4 else x
        y = F.batch_norm(first, mean, variance, gamma, beta, training=True, momentum=0.1, eps=1e-5)
        y = y.permute(0, 2, 3, 1) if len(shape) == 4 else y
        y.backward(make("dy", shape))
        cases.append({"shape": shape, "waves": waves, "y": flat(y), "dx": flat(x.grad), "dGamma": flat(gamma.grad),
                      "dBeta": flat(beta.grad), "mean": flat(mean), "variance": flat(variance)})
    return cases


def convolution():
    cases = []
    for shape, kernel, filters, stride, pad in [
        ([2, 5, 7, 3], 3, 6, 1, 1),
        ([2, 5, 7, 3], 3, 6, 2, 1),
        ([1, 8, 8, 5], 3, 7, 2, 1),
        ([2, 7, 6, 2], 3, 3, 1, 0),
        ([2, 8, 7, 2], 3, 3, 2, 0),
        ([3, 6, 5, 3], 1, 5, 1, 0),
        ([3, 6, 5, 3], 1, 5, 2, 0),
        ([2, 5, 4, 3], 1, 2, 1, 1),
        ([2, 5, 4, 3], 1, 2, 2, 1),
        ([1, 1, 1, 3], 3, 4, 1, 1),
        ([2, 1, 1, 3], 3, 4, 2, 1),
        ([1, 1, 1, 5], 1, 3, 1, 0),
    ]:
        waves = {"x": [0.37, 0.2, 1, 0], "w": [0.73, 0.5, 0.6, 0], "dy": [0.53, 0.9, 1, 0]}
        x = wave(shape, *waves["x"]).requires_grad_()
        w = wave([kernel, kernel, shape[3], filters], *waves["w"]).requires_grad_()
        y = F.conv2d(x.permute(0, 3, 1, 2), w.permute(3, 2, 0, 1), stride=stride, padding=pad).permute(0, 2, 3, 1)
        y.backward(wave(list(y.shape), *waves["dy"]))
        cases.append({"shape": shape, "kernel": kernel, "filters": filters, "stride": stride, "pad": pad, "waves": waves,
                      "y": flat(y, 7), "dx": flat(x.grad, 7), "dw": flat(w.grad, 7)})
    return cases


# ---- a whole network ------------------------------------------------------------------------------------------------


def engine_layout(tensor):
    """A parameter or its gradient as the engine stores it."""
    if tensor.dim() == 4:
        return tensor.permute(2, 3, 1, 0)
    return tensor.t() if tensor.dim() == 2 else tensor


def digest(tensor):
    """Some values of a tensor, its length, and its product with a wave, which every value enters."""
    values = engine_layout(tensor).contiguous().flatten()
    step = max(1, len(values) // 8)
    probe = wave([len(values)], 0.317, 0.4, 1)
    return {"step": step, "values": flat(values[::step]), "norm": float(values.norm()), "probe": float(values @ probe)}


def network():
    net = ResNet(1, [8, 8, 16, 32], 2, 5)
    names = {}
    weights = {}
    for index, (name, tensor) in enumerate(sorted(to_engine(net).items())):
        part = name.split(".")[-1]
        scale = math.sqrt(2 / (tensor.numel() / tensor.shape[-1])) if tensor.dim() > 1 else 0.2
        weights[name] = [0.61 + 0.013 * index, float(index), 1.4 * scale if tensor.dim() > 1 else scale, 1.0 if part in ("gamma", "variance") else 0.0]
    with torch.no_grad():
        for name, module in net.named_modules():
            parts = {"weight": "weight", "bias": "bias"}
            if isinstance(module, torch.nn.BatchNorm2d):
                parts = {"weight": "gamma", "bias": "beta", "running_mean": "mean", "running_var": "variance"}
            for own, theirs in parts.items():
                tensor = getattr(module, own, None)
                key = f"{name}.{theirs}"
                if not isinstance(tensor, torch.Tensor) or key not in weights:
                    continue
                shape = engine_layout(tensor).shape
                value = wave(list(shape), *weights[key])
                tensor.copy_(value.permute(3, 2, 0, 1) if value.dim() == 4 else value.t() if value.dim() == 2 else value)
                if isinstance(tensor, torch.nn.Parameter):
                    names[key] = tensor
    assert set(names) | {k for k in weights if k.endswith((".mean", ".variance"))} == set(weights)
    shape, temperature = [3, 16, 16, 3], 2.0
    optimizer = {"rate": 0.05, "momentum": 0.9, "nesterov": True, "weightDecay": 0.01}
    waves = {"x": [0.377, 0.2, 1.2, 0], "teacher": [1.3, 0.5, 3, 0]}
    x = wave(shape, *waves["x"]).permute(0, 3, 1, 2)
    teacher = wave([3, 5], *waves["teacher"])
    sgd = torch.optim.SGD(
        [{"params": [p for p in net.parameters() if p.dim() > 1], "weight_decay": optimizer["weightDecay"]},
         {"params": [p for p in net.parameters() if p.dim() <= 1], "weight_decay": 0}],
        lr=optimizer["rate"], momentum=optimizer["momentum"], nesterov=True)

    def inference():
        net.eval()
        with torch.no_grad():
            logits = net(x)
        net.train()
        return flat(logits)

    out = {"shape": shape, "classes": 5, "temperature": temperature, "optimizer": optimizer, "waves": waves,
           "weights": weights, "inference": [inference()], "steps": []}
    for _ in range(2):
        logits = net(x)
        loss = temperature**2 * kl(soft(teacher, temperature), logits, temperature)
        sgd.zero_grad()
        loss.backward()
        step = {"logits": flat(logits), "loss": flat(loss)[0], "gradients": {k: digest(p.grad) for k, p in names.items()}}
        sgd.step()
        step["weights"] = {k: digest(p) for k, p in names.items()}
        step["statistics"] = {}
        for name, module in net.named_modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                step["statistics"][f"{name}.mean"] = flat(module.running_mean)
                step["statistics"][f"{name}.variance"] = flat(module.running_var)
        out["steps"].append(step)
        out["inference"].append(inference())
    return out


# ---- optimizers and figures -----------------------------------------------------------------------------------------


def optimizers():
    """Five steps on sum(d (w - t)^2) / 2 over a 3x2 kernel and a bias; the rate changes from step to step."""
    cases = []
    rates = [0.1, 0.2, 0.15, 0.05, 0.3]
    waves = {"kernel": [1.3, 0.2, 1, 0], "bias": [0.7, 1, 0.5, 0], "curvature": [0.9, 0.4, 0.5, 1], "target": [2.1, 0.3, 2, 0]}
    for recipe in (
        {"kind": "sgd", "momentum": 0.9, "nesterov": True, "weightDecay": 0.05},
        {"kind": "sgd", "momentum": 0.8, "nesterov": False, "weightDecay": 0},
        {"kind": "sgd", "momentum": 0, "nesterov": False, "weightDecay": 0.05},
        {"kind": "adam", "momentum": 0.9, "nesterov": False, "weightDecay": 0},
        {"kind": "adam", "momentum": 0.8, "nesterov": False, "weightDecay": 0.05},
    ):
        kernel = wave([3, 2], *waves["kernel"]).requires_grad_()
        bias = wave([2], *waves["bias"]).requires_grad_()
        groups = [{"params": [kernel], "weight_decay": recipe["weightDecay"]}, {"params": [bias], "weight_decay": 0}]
        if recipe["kind"] == "sgd":
            optimizer = torch.optim.SGD(groups, lr=1, momentum=recipe["momentum"], nesterov=recipe["nesterov"])
        else:
            optimizer = torch.optim.Adam(groups, lr=1, betas=(recipe["momentum"], 0.999), eps=1e-8)
        trace = []
        for rate in rates:
            for group in optimizer.param_groups:
                group["lr"] = rate
            loss = sum((wave(list(w.shape), *waves["curvature"]) * (w - wave(list(w.shape), *waves["target"])) ** 2).sum() for w in (kernel, bias)) / 2
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            trace.append({"kernel": flat(kernel), "bias": flat(bias)})
        cases.append({"recipe": recipe, "rates": rates, "waves": waves, "trace": trace})
    return cases


def figures():
    """Accuracy, agreement, KL, NLL and ECE (15 bins, upper edge included) of random answers."""
    generator = torch.Generator().manual_seed(5)
    n, c = 60, 4
    student = (torch.randn(n, c, generator=generator) * 2).mul(1000).round().div(1000)
    teacher = (student + torch.randn(n, c, generator=generator) * 2).mul(1000).round().div(1000)
    labels = torch.randint(0, c, (n,), generator=generator)
    labels[: n // 2] = teacher[: n // 2].argmax(1)
    p, answer = student.softmax(1).max(1)
    hit = (answer == labels).double()
    ece = 0.0
    for low in range(15):
        inside = (p > low / 15) & (p <= (low + 1) / 15)
        if inside.any():
            ece += inside.sum().item() / n * abs(hit[inside].mean() - p[inside].mean()).item()
    divergence = (teacher.softmax(1) * (teacher.log_softmax(1) - student.log_softmax(1))).sum(1).mean()
    return {"classes": c, "student": flat(student), "teacher": flat(teacher), "labels": labels.tolist(),
            "wanted": {"accuracy": hit.mean().item(), "agreement": (answer == teacher.argmax(1)).double().mean().item(),
                       "kl": divergence.item(), "nll": F.cross_entropy(student, labels).item(), "ece": ece}}


if __name__ == "__main__":
    golden = {"torch": torch.__version__, "losses": losses(), "batchNorm": batch_norm(), "convolution": convolution(),
              "network": network(), "optimizers": optimizers(), "figures": figures()}
    with open(OUT, "w") as file:
        json.dump(golden, file, separators=(",", ":"))
        file.write("\n")
    print(f"{os.path.getsize(OUT)} bytes")
