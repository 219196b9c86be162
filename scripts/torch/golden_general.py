"""Writes tests/golden/general.json: values from PyTorch in float64 for the nodes that networks from files may hold.

    /usr/bin/python3 scripts/torch/golden_general.py

Each case is a small graph in the engine's own form with what PyTorch makes of it: its output for two rows, and the
gradients of the output times a wave for the input and for what is learnt. Images are channels last, as in the engine;
inputs and weights are waves, which the tests make themselves.
"""

import json
import math
import os

import torch
import torch.nn.functional as F

from golden import flat, wave

OUT = os.path.join(os.path.dirname(__file__), "..", "..", "tests", "golden", "general.json")
X = [0.71, 0.3, 1.7, 0.1]
DY = [0.317, 0.4, 1, 0]
LEARNT = {"weight", "bias", "gamma", "beta"}
CASES = []


def first(x):
    return x.permute(0, 3, 1, 2)


def last(x):
    return x.permute(0, 2, 3, 1)


def around(x, margins, value=0.0):
    top, bottom, left, right = margins
    return F.pad(x, (left, right, top, bottom), value=value)


def case(name, shape, nodes, of, weights={}, x=X, gradient=True):
    """`of` takes the input [2, ...shape] and the weights by name; nodes without a name are called "y" and read "input"."""
    nodes = [{"name": "y", "input": "input", **node} for node in nodes]
    made = {}
    for index, (key, size) in enumerate(weights.items()):
        made[key] = {"shape": list(size), "wave": [0.53 + 0.11 * index, 0.2 + index, 0.6, 0.05]}
    given = wave((2, *shape), *x).requires_grad_()
    tensors = {key: wave(entry["shape"], *entry["wave"]).requires_grad_() for key, entry in made.items()}
    y = of(given, tensors)
    entry = {"name": name, "input": list(shape), "nodes": nodes, "x": x, "weights": made, "shape": list(y.shape[1:]), "y": flat(y)}
    if gradient:
        learnt = [key for key in made if key.split(".")[-1] in LEARNT]
        found = torch.autograd.grad((y * wave(y.shape, *DY)).sum(), [given, *(tensors[key] for key in learnt)])
        entry["gradients"] = dict(zip(["input", *learnt], map(flat, found)))
    CASES.append(entry)


def convolve(name, shape, filters, kernel, stride=(1, 1), dilation=(1, 1), groups=1, margins=(0, 0, 0, 0), bias=True):
    node = dict(op="convolve", filters=filters, kernel=kernel, stride=stride, dilation=dilation, groups=groups, margins=margins, bias=bias)
    weights = {"y.weight": (*kernel, shape[2] // groups, filters), **({"y.bias": (filters,)} if bias else {})}

    def of(x, w):
        x = around(first(x), margins)
        return last(F.conv2d(x, w["y.weight"].permute(3, 2, 0, 1), w.get("y.bias"), stride, 0, dilation, groups))

    case(f"convolve: {name}", shape, [node], of, weights)


convolve("odd sizes, unequal margins", (5, 7, 2), 3, (3, 2), (2, 1), margins=(0, 1, 2, 0))
convolve("dilated", (7, 6, 2), 2, (2, 3), dilation=(3, 2), margins=(1, 0, 1, 1), bias=False)
convolve("two groups", (4, 5, 4), 6, (3, 3), groups=2, margins=(1, 1, 1, 1))
convolve("depthwise", (5, 5, 3), 3, (3, 3), (2, 2), groups=3, margins=(0, 1, 0, 1))
convolve("depthwise, two filters for each channel", (4, 5, 3), 6, (2, 3), groups=3, margins=(1, 0, 1, 1), bias=False)


def deconvolve(name, shape, filters, kernel, stride, margins, bias):
    node = dict(op="deconvolve", filters=filters, kernel=kernel, stride=stride, margins=margins, bias=bias)
    weights = {"y.weight": (*kernel, filters, shape[2]), **({"y.bias": (filters,)} if bias else {})}

    def of(x, w):
        y = F.conv_transpose2d(first(x), w["y.weight"].permute(3, 2, 0, 1), w.get("y.bias"), stride)
        top, bottom, left, right = margins
        return last(y[:, :, top : y.shape[2] - bottom, left : y.shape[3] - right])

    case(f"deconvolve: {name}", shape, [node], of, weights)


deconvolve("unequal margins", (3, 4, 2), 3, (3, 4), (2, 2), (1, 0, 1, 2), True)
deconvolve("steps longer than the kernel", (2, 3, 2), 2, (2, 2), (3, 2), (0, 0, 0, 0), False)


def window(name, kind, shape, size, stride, margins=(0, 0, 0, 0), count=True):
    def of(x, _):
        x = first(x)
        if kind == "max":
            return last(F.max_pool2d(around(x, margins, -math.inf), size, stride))
        mean = F.avg_pool2d(around(x, margins), size, stride)
        return last(mean if count else mean / F.avg_pool2d(around(torch.ones_like(x), margins), size, stride))

    case(f"window: {name}", shape, [dict(op="window", kind=kind, size=size, stride=stride, margins=margins, countMargins=count)], of)


window("largest, odd sizes", "max", (5, 7, 2), (2, 3), (2, 2))
window("largest of negative values, with margins", "max", (4, 5, 2), (3, 3), (2, 1), (1, 0, 1, 1))
window("mean", "mean", (5, 4, 2), (3, 2), (1, 2))
window("mean, margins counted", "mean", (5, 4, 2), (3, 3), (2, 2), (1, 1, 0, 1), True)
window("mean, margins not counted", "mean", (5, 4, 2), (3, 3), (2, 2), (1, 1, 0, 1), False)


def below(x, _):
    return last(F.max_pool2d(around(first(x), (1, 1, 1, 1), -math.inf), 3, 2))


case("window: largest where all is below zero", (3, 4, 2), [dict(op="window", kind="max", size=(3, 3), stride=(2, 2), margins=(1, 1, 1, 1), countMargins=True)], below, x=[0.71, 0.3, 1, -3])

POSITIVE = [0.71, 0.3, 0.9, 1.4]
CURVES = {
    "sigmoid": torch.sigmoid,
    "softplus": F.softplus,
    "softsign": F.softsign,
    "silu": F.silu,
    "gelu": F.gelu,
    "geluTanh": lambda x: F.gelu(x, approximate="tanh"),
    "selu": F.selu,
    "relu6": F.relu6,
    "hardSwish": F.hardswish,
    "mish": F.mish,
    "exp": torch.exp,
    "log": torch.log,
    "sqrt": torch.sqrt,
    "rsqrt": torch.rsqrt,
    "abs": torch.abs,
    "negate": torch.neg,
    "square": torch.square,
    "reciprocal": torch.reciprocal,
    "erf": torch.erf,
}
for curve, of in CURVES.items():
    positive = curve in {"log", "sqrt", "rsqrt", "reciprocal"}
    case(f"curve: {curve}", (3, 4), [dict(op="curve", curve=curve)], lambda x, _, of=of: of(x), x=POSITIVE if positive else [0.71, 0.3, 7.3, 0.1])

case("leaky ReLU", (6,), [dict(op="leakyRelu", alpha=0.15)], lambda x, _: F.leaky_relu(x, 0.15))
case("ELU", (6,), [dict(op="elu", alpha=1)], lambda x, _: F.elu(x))
case("ELU with a scale", (6,), [dict(op="elu", alpha=0.6)], lambda x, _: F.elu(x, 0.6))
case("hard sigmoid", (6,), [dict(op="hardSigmoid", alpha=0.2, beta=0.5)], lambda x, _: (0.2 * x + 0.5).clamp(0, 1), x=[0.71, 0.3, 4, 0.1])
case("clip", (6,), [dict(op="clip", low=-0.5, high=1.2)], lambda x, _: x.clamp(-0.5, 1.2))
case("PReLU, a slope for each channel", (2, 3, 4), [dict(op="prelu", shape=[4])], lambda x, w: x.relu() - w["y.alpha"] * (-x).relu(), {"y.alpha": (4,)})
case("PReLU, a slope for each place", (2, 3, 2), [dict(op="prelu", shape=[2, 1, 2])], lambda x, w: x.relu() - w["y.alpha"] * (-x).relu(), {"y.alpha": (2, 1, 2)})
case("softmax", (3, 4), [dict(op="softmax")], lambda x, _: x.softmax(-1))
case("log-softmax", (5,), [dict(op="logSoftmax")], lambda x, _: x.log_softmax(-1))

REDUCE = {"mean": lambda x, a, k: x.mean(a, k), "sum": lambda x, a, k: x.sum(a, k), "max": lambda x, a, k: x.amax(a, k), "min": lambda x, a, k: x.amin(a, k)}
for kind, of in REDUCE.items():
    for axes, keep in (((0, 2), True), ((1,), False)):
        case(f"reduce: {kind} over {list(axes)}{' kept' if keep else ''}", (3, 4, 2), [dict(op="reduce", kind=kind, axes=axes, keep=keep)], lambda x, _, of=of, axes=axes, keep=keep: of(x, tuple(a + 1 for a in axes), keep))

case("affine", (2, 3), [dict(op="affine")], lambda x, w: x * w["y.scale"] + w["y.shift"], {"y.scale": (3,), "y.shift": (3,)})
case("layer norm", (3, 4), [dict(op="layerNorm", epsilon=1e-3)], lambda x, w: F.layer_norm(x, (4,), w["y.gamma"], w["y.beta"], 1e-3), {"y.gamma": (4,), "y.beta": (4,)})

BINARY = {"add": torch.add, "subtract": torch.sub, "multiply": torch.mul, "divide": torch.div, "maximum": torch.maximum, "minimum": torch.minimum, "power": torch.pow}
for kind, of in BINARY.items():
    value = {"op": "literal", "name": "c", "shape": [3]}
    x = POSITIVE
    case(f"binary: {kind} with a value of lower rank", (2, 3), [value, dict(op="binary", kind=kind, other="c")], lambda x, w, of=of: of(x, w["c.value"]), {"c.value": (3,)}, x)
    nodes = [dict(op="curve", name="s", curve="sigmoid"), dict(op="binary", kind=kind, other="s")]
    case(f"binary: {kind} of two that depend on the row", (2, 3), nodes, lambda x, _, of=of: of(x, x.sigmoid()), x=x)
case("binary: a value comes first", (2, 3), [{"op": "literal", "name": "c", "shape": [2, 1]}, dict(op="binary", kind="subtract", input="c", other="input")], lambda x, w: w["c.value"] - x, {"c.value": (2, 1)})
case("binary: rows of lower rank stay rows", (2, 2), [dict(op="reduce", name="m", kind="mean", axes=[0], keep=False), dict(op="binary", kind="multiply", other="m")], lambda x, _: x * x.mean(1)[:, None, :])

case("concat of three along the channels", (2, 3, 2), [dict(op="curve", name="a", curve="negate"), dict(op="reduce", name="m", kind="mean", axes=[2], keep=True), dict(op="concat", others=["a", "m"], axis=2)], lambda x, _: torch.cat([x, -x, x.mean(3, True)], 3))
case("concat of a value and rows", (2, 3), [{"op": "literal", "name": "c", "shape": [1, 3]}, dict(op="concat", input="c", others=["input"], axis=0)], lambda x, w: torch.cat([w["c.value"].expand(2, 1, 3), x], 1), {"c.value": (1, 3)})
case("permute", (2, 3, 4), [dict(op="permute", order=[2, 0, 1])], lambda x, _: x.permute(0, 3, 1, 2))
case("pad", (2, 3), [dict(op="pad", pads=[[1, 0], [2, 1]], value=-0.5)], lambda x, _: F.pad(x, (2, 1, 1, 0), value=-0.5))
case("slice", (4, 5), [dict(op="slice", begin=[1, 2], size=[2, 3], step=[1, 1])], lambda x, _: x[:, 1:3, 2:5])
case("slice with steps", (5, 7), [dict(op="slice", begin=[0, 1], size=[3, 2], step=[2, 3])], lambda x, _: x[:, 0:5:2, 1:5:3])
case("slice backwards to the first", (4, 3), [dict(op="slice", begin=[3, 0], size=[4, 3], step=[-1, 1])], lambda x, _: x.flip(1))
case("slice backwards by two, not to the first", (7, 2), [dict(op="slice", begin=[5, 1], size=[2, 2], step=[-2, -1])], lambda x, _: x[:, [5, 3]][:, :, [1, 0]])
case("pick", (2, 5), [dict(op="pick", places=[4, 0, 2])], lambda x, _: x[:, :, [4, 0, 2]])


def resize(name, kind, grid, shape, size):
    def of(x, _):
        x = first(x)
        if kind == "bilinear" and grid != "asymmetric":
            return last(F.interpolate(x, size=size, mode="bilinear", align_corners=grid == "align-corners"))
        out = x
        for axis, (sides, wanted) in enumerate(zip(shape[:2], size)):
            at = torch.arange(wanted, dtype=torch.float64)
            if grid == "align-corners":
                places = at * (sides - 1) / max(1, wanted - 1)
            elif grid == "half-pixel":
                places = (at + 0.5) * sides / wanted - (0.5 if kind == "bilinear" else 0)
            else:
                places = at * sides / wanted
            places = places.clamp(0, sides - 1)
            if kind == "nearest":
                places = (places + 0.5).floor() if grid == "align-corners" else places.floor()
            low = places.floor().long()
            high = (low + 1).clamp(max=sides - 1)
            share = (places - low).reshape((-1, 1) if axis == 0 else (-1,))
            out = out.index_select(axis + 2, low) * (1 - share) + out.index_select(axis + 2, high) * share
        return last(out)

    case(f"resize: {name}", shape, [dict(op="resize", size=size, kind=kind, grid=grid)], of)


for grid in ("half-pixel", "align-corners", "asymmetric"):
    resize(f"bilinear, {grid}, larger", "bilinear", grid, (3, 4, 2), (5, 7))
    resize(f"bilinear, {grid}, smaller", "bilinear", grid, (5, 4, 2), (2, 3))
    resize(f"nearest, {grid}, larger", "nearest", grid, (3, 4, 2), (6, 8))
    resize(f"nearest, {grid}, smaller", "nearest", grid, (5, 4, 2), (2, 3))

SCALED = dict(op="curve", name="s", curve="sigmoid")
case("product", (2, 3, 4), [dict(op="permute", name="t", order=[0, 2, 1]), dict(op="product", other="t", transposeOther=False)], lambda x, _: x @ x.transpose(2, 3))
case("product with the other transposed", (2, 3, 4), [SCALED, dict(op="product", other="s", transposeOther=True)], lambda x, _: x @ x.sigmoid().transpose(2, 3))
case("product with a value", (3, 4), [{"op": "literal", "name": "c", "shape": [4, 2]}, dict(op="product", other="c", transposeOther=False)], lambda x, w: x @ w["c.value"], {"c.value": (4, 2)})
case("a convolution with a bias, then ReLU", (4, 4, 2), [dict(op="conv", name="c", filters=3, kernel=3, stride=2, pad=1, bias=True), dict(op="relu", input="c")], lambda x, w: last(F.conv2d(first(x), w["c.weight"].permute(3, 2, 0, 1), w["c.bias"], 2, 1)).relu(), {"c.weight": (3, 3, 2, 3), "c.bias": (3,)})

with open(OUT, "w") as file:
    json.dump({"cases": CASES}, file, separators=(",", ":"))
print(f"{len(CASES)} cases, {os.path.getsize(OUT)} bytes")
