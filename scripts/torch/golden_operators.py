"""Writes tests/golden/operators.json: operators of ONNX and of TensorFlow's graphs with what PyTorch makes of them.

    /usr/bin/python3 scripts/torch/golden_operators.py

Each case is a list of operators, from which the tests write a file, and its answers for two rows, flattened in the
file's own order of axes. Inputs and weights are waves, which the tests make themselves; small lists stand as they are.
"""

import json
import math
import os

import torch
import torch.nn.functional as F

from golden import flat, wave

OUT = os.path.join(os.path.dirname(__file__), "..", "..", "tests", "golden", "operators.json")
X = [0.71, 0.3, 1.7, 0.1]
IMAGE = (2, 4, 5, 6)
SMALL = (2, 4, 2, 3)
CASES = {"onnx": [], "graph": []}


def weight(*shape, scale=0.6, plus=0.05):
    return {"shape": list(shape), "wave": [0.53 + 0.07 * len(shape), 0.2 + 0.1 * sum(shape), scale, plus]}


def value(entry):
    return wave(tuple(entry["shape"]), *entry["wave"])


def ints(*values):
    return {"ints": list(values)}


def add(kind, name, nodes, constants, of, shape, x=X, **more):
    made = {key: value(entry) for key, entry in constants.items() if "wave" in entry}
    y = of(wave(shape, *x), **made)
    assert y.shape[0] == shape[0], name
    CASES[kind].append({"name": name, "input": list(shape), "x": x, "nodes": nodes, "constants": constants, "y": flat(y, 7), **more})


def onnx(name, nodes, of, constants={}, shape=IMAGE, opset=13, x=X, **more):
    """Nodes are [operator, inputs, attributes] or with outputs; the first reads "x", each the one before unless it says so."""
    add("onnx", name, nodes, constants, of, shape, x, opset=opset, **more)


def one(op, of, constants={}, attributes={}, shape=IMAGE, opset=13, x=X, name=None, **more):
    onnx(name or op, [[op, ["x", *constants], attributes]], of, constants, shape, opset, x, **more)


# ---- one number at a time -------------------------------------------------------------------------------------------

POSITIVE = [0.71, 0.3, 0.9, 1.4]
for op, of, x in [
    ("Relu", F.relu, X), ("Sigmoid", torch.sigmoid, X), ("Tanh", torch.tanh, X), ("Softplus", F.softplus, X), ("Softsign", F.softsign, X), ("HardSwish", F.hardswish, X),
    ("Mish", F.mish, X), ("Erf", torch.erf, X), ("Exp", torch.exp, X), ("Abs", torch.abs, X), ("Neg", torch.neg, X), ("Selu", F.selu, X),
    ("Log", torch.log, POSITIVE), ("Sqrt", torch.sqrt, POSITIVE), ("Reciprocal", torch.reciprocal, POSITIVE),
]:
    one(op, of, x=x, shape=SMALL)
one("LeakyRelu", lambda x: F.leaky_relu(x, 0.01), shape=SMALL)
one("LeakyRelu", lambda x: F.leaky_relu(x, 0.3), attributes={"alpha": 0.3}, name="LeakyRelu with alpha", shape=SMALL)
one("Elu", lambda x: F.elu(x, 0.4), attributes={"alpha": 0.4}, shape=SMALL)
one("HardSigmoid", lambda x: (0.2 * x + 0.5).clamp(0, 1), shape=SMALL)
one("HardSigmoid", lambda x: (x / 6 + 0.5).clamp(0, 1), attributes={"alpha": 1 / 6, "beta": 0.5}, name="HardSigmoid as PyTorch has it", shape=SMALL)
one("Gelu", lambda x: F.gelu(x), opset=20, shape=SMALL)
one("Gelu", lambda x: F.gelu(x, approximate="tanh"), attributes={"approximate": "tanh"}, opset=20, name="Gelu with tanh", shape=SMALL)
one("PRelu", lambda x, slope: F.prelu(x, slope.flatten()), {"slope": weight(4, 1, 1)}, shape=SMALL)
onnx("Clip by inputs", [["Clip", ["x", "low", "high"], {}]], lambda x: x.clamp(-0.3, 0.8), {"low": {"floats": [-0.3], "shape": []}, "high": {"floats": [0.8], "shape": []}}, shape=SMALL)
onnx("Clip without a lower bound", [["Clip", ["x", "", "high"], {}]], lambda x: x.clamp(max=0.8), {"high": {"floats": [0.8], "shape": []}}, shape=SMALL)
one("Clip", lambda x: x.clamp(0, 6), attributes={"min": 0.0, "max": 6.0}, opset=9, name="Clip by attributes", x=[0.71, 0.3, 9, 0], shape=SMALL)
one("Cast", lambda x: x, attributes={"to": 1}, shape=SMALL)
one("Dropout", lambda x: x, shape=SMALL)

# ---- two values ------------------------------------------------------------------------------------------------------

for op, of in [("Add", torch.add), ("Sub", torch.sub), ("Mul", torch.mul), ("Div", torch.div), ("Max", torch.maximum), ("Min", torch.minimum), ("Pow", torch.pow)]:
    one(op, lambda x, c, of=of: of(x, c), {"c": weight(4, 1, 1, plus=1.5)}, x=POSITIVE, shape=SMALL, name=f"{op} along the channels")
    one(op, lambda x, c, of=of: of(x, c), {"c": weight(1, 2, 3, plus=1.5)}, x=POSITIVE, shape=SMALL, name=f"{op} along the sides")
    onnx(f"{op} with a constant first", [[op, ["c", "x"], {}]], lambda x, c, of=of: of(c, x), {"c": weight(3, plus=1.5)}, x=POSITIVE, shape=SMALL)
    onnx(f"{op} of two values", [["Sigmoid", ["x"], {}, ["s"]], [op, ["x", "s"], {}]], lambda x, of=of: of(x, x.sigmoid()), x=POSITIVE, shape=SMALL)
onnx("Mul by a value for each channel", [["GlobalAveragePool", ["x"], {}, ["s"]], ["Mul", ["x", "s"], {}]], lambda x: x * x.mean((2, 3), keepdim=True))
onnx("Sub of a mean over the channels", [["ReduceMean", ["x"], {"axes": [1]}, ["s"]], ["Sub", ["x", "s"], {}]], lambda x: x - x.mean(1, keepdim=True))
onnx("Sum of three", [["Relu", ["x"], {}, ["a"]], ["Sum", ["x", "a", "c"], {}]], lambda x, c: x + x.relu() + c, {"c": weight(1, 4, 1, 1)})
onnx("Mean of two", [["Relu", ["x"], {}, ["a"]], ["Mean", ["x", "a"], {}]], lambda x: (x + x.relu()) / 2)
onnx("Pow by two and a half", [["Pow", ["x", "p"], {}]], lambda x: x**2.5, {"p": {"floats": [2.5], "shape": []}}, x=POSITIVE)
onnx("Pow by two", [["Pow", ["x", "p"], {}]], lambda x: x**2, {"p": {"floats": [2], "shape": []}})
onnx("a constant larger than the value", [["ReduceMean", ["x"], {"axes": [2, 3]}], ["Add", [None, "c"], {}]], lambda x, c: x.mean((2, 3), keepdim=True) + c, {"c": weight(1, 4, 2, 3)})

# ---- images ----------------------------------------------------------------------------------------------------------


def conv(name, filters, kernel, attributes, bias=True, groups=1, around=(0, 0, 0, 0), stride=1, dilation=1):
    constants = {"w": weight(filters, 4 // groups, *kernel), **({"b": weight(filters)} if bias else {})}
    top, left, bottom, right = around

    def of(x, w, b=None):
        return F.conv2d(F.pad(x, (left, right, top, bottom)), w, b, stride, 0, dilation, groups)

    onnx(f"Conv: {name}", [["Conv", ["x", *constants], {"group": groups, **attributes}]], of, constants)


conv("unequal pads", 3, (3, 2), {"pads": [1, 0, 2, 1], "kernel_shape": [3, 2]}, around=(1, 0, 2, 1))
conv("strides and dilations", 2, (2, 3), {"strides": [2, 2], "dilations": [2, 2]}, stride=2, dilation=2, bias=False)
conv("SAME_UPPER", 3, (2, 2), {"auto_pad": "SAME_UPPER"}, around=(0, 0, 1, 1))
conv("SAME_LOWER", 3, (2, 2), {"auto_pad": "SAME_LOWER"}, around=(1, 1, 0, 0))
conv("two groups", 6, (3, 3), {"pads": [1, 1, 1, 1]}, groups=2, around=(1, 1, 1, 1))
conv("depthwise, two filters for each channel", 8, (3, 3), {"pads": [1, 1, 1, 1]}, groups=4, around=(1, 1, 1, 1))
onnx("Conv, then its bias as a sum", [["Conv", ["x", "w"], {}], ["Add", [None, "b"], {}], ["Relu", [None], {}]], lambda x, w, b: (F.conv2d(x, w) + b).relu(), {"w": weight(3, 4, 2, 2), "b": weight(3, 1, 1)}, ops="conv relu permute reshape")
onnx("Conv, then a sum along the sides", [["Conv", ["x", "w"], {}], ["Add", [None, "b"], {}]], lambda x, w, b: F.conv2d(x, w) + b, {"w": weight(3, 4, 2, 2), "b": weight(5)})
for name, attributes, how in [
    ("pads", {"strides": [2, 2], "pads": [1, 1, 1, 1]}, dict(stride=2, padding=1)),
    ("output padding", {"strides": [2, 2], "pads": [1, 1, 1, 1], "output_padding": [1, 1]}, dict(stride=2, padding=1, output_padding=1)),
    ("output padding beyond the kernel", {"strides": [3, 3], "output_padding": [2, 1]}, dict(stride=3, output_padding=(2, 1))),
]:
    one("ConvTranspose", lambda x, w, b, how=how: F.conv_transpose2d(x, w, b, **how), {"w": weight(4, 3, 2, 3), "b": weight(3)}, attributes, name=f"ConvTranspose: {name}")
for name, attributes, of in [
    ("odd sizes", {"kernel_shape": [2, 3], "strides": [2, 2]}, lambda x: F.max_pool2d(x, (2, 3), 2)),
    ("pads", {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1]}, lambda x: F.max_pool2d(x, 3, 2, 1)),
    ("ceil_mode", {"kernel_shape": [2, 2], "strides": [2, 2], "ceil_mode": 1}, lambda x: F.max_pool2d(x, 2, 2, ceil_mode=True)),
    ("SAME_UPPER", {"kernel_shape": [2, 2], "strides": [2, 2], "auto_pad": "SAME_UPPER"}, lambda x: F.max_pool2d(x, 2, 2, ceil_mode=True)),
]:
    one("MaxPool", of, attributes=attributes, name=f"MaxPool: {name}")
for name, attributes, of in [
    ("pads not counted", {"pads": [1, 1, 1, 1]}, lambda x: F.avg_pool2d(x, 3, 2, 1, count_include_pad=False)),
    ("pads counted", {"pads": [1, 1, 1, 1], "count_include_pad": 1}, lambda x: F.avg_pool2d(x, 3, 2, 1)),
    ("ceil_mode", {"ceil_mode": 1}, lambda x: F.avg_pool2d(x, 3, 2, ceil_mode=True, count_include_pad=False)),
]:
    one("AveragePool", of, attributes={"kernel_shape": [3, 3], "strides": [2, 2], **attributes}, name=f"AveragePool: {name}")
one("GlobalAveragePool", lambda x: x.mean((2, 3), keepdim=True))
one("GlobalMaxPool", lambda x: x.amax((2, 3), keepdim=True))
STATISTICS = {"s": weight(4, plus=1), "b": weight(4), "m": weight(4), "v": weight(4, scale=0.3, plus=0.9)}
one("BatchNormalization", lambda x, s, b, m, v: F.batch_norm(x, m, v, s, b, False, 0, 1e-3), STATISTICS, {"epsilon": 1e-3})
one("BatchNormalization", lambda x, s, b, m, v: F.batch_norm(x, m, v, s, b), STATISTICS, shape=(2, 4), name="BatchNormalization of features")
one("InstanceNormalization", lambda x, s, b: F.instance_norm(x, weight=s, bias=b), {"s": weight(4), "b": weight(4)})
one("GroupNormalization", lambda x, s, b: F.group_norm(x, 2, s, b), {"s": weight(4), "b": weight(4)}, {"num_groups": 2}, opset=21)
one("LayerNormalization", lambda x, s, b: F.layer_norm(x, (6,), s, b, 1e-3), {"s": weight(6), "b": weight(6)}, {"epsilon": 1e-3}, opset=17)
one("LayerNormalization", lambda x, s, b: F.layer_norm(x, (4, 5, 6), s, b), {"s": weight(4, 5, 6), "b": weight(4, 5, 6)}, {"axis": 1}, opset=17, name="LayerNormalization of a whole row")
one("LRN", lambda x: F.local_response_norm(x, 3, 0.2, 0.6, 1.5), attributes={"size": 3, "alpha": 0.2, "beta": 0.6, "bias": 1.5})
for name, sizes, mode, of in [
    ("nearest, doubled", (10, 12), {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}, lambda x: F.interpolate(x, scale_factor=2, mode="nearest")),
    ("nearest, by PyTorch's export", (7, 9), {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}, lambda x: F.interpolate(x, size=(7, 9), mode="nearest")),
    ("nearest at the pixels' middles", (3, 4), {"mode": "nearest", "coordinate_transformation_mode": "half_pixel", "nearest_mode": "round_prefer_ceil"}, lambda x: F.interpolate(x, size=(3, 4), mode="nearest-exact")),
    ("linear", (7, 4), {"mode": "linear", "coordinate_transformation_mode": "pytorch_half_pixel"}, lambda x: F.interpolate(x, size=(7, 4), mode="bilinear")),
    ("linear, corners aligned", (7, 4), {"mode": "linear", "coordinate_transformation_mode": "align_corners"}, lambda x: F.interpolate(x, size=(7, 4), mode="bilinear", align_corners=True)),
]:
    onnx(f"Resize: {name}", [["Resize", ["x", "", "", "sizes"], mode]], of, {"sizes": ints(2, 4, *sizes)}, batch=2)
onnx("Resize by scales", [["Resize", ["x", "", "scales"], {"mode": "linear", "coordinate_transformation_mode": "half_pixel"}]], lambda x: F.interpolate(x, scale_factor=2, mode="bilinear"), {"scales": {"floats": [1, 1, 2, 2], "shape": [4]}})
onnx("Upsample", [["Upsample", ["x", "scales"], {"mode": "nearest"}]], lambda x: F.interpolate(x, scale_factor=(1, 3), mode="nearest"), {"scales": {"floats": [1, 1, 1, 3], "shape": [4]}}, opset=9)
one("DepthToSpace", lambda x: F.pixel_shuffle(x, 2), attributes={"blocksize": 2, "mode": "CRD"})
one("DepthToSpace", lambda x: x.reshape(2, 2, 2, 1, 5, 6).permute(0, 3, 4, 1, 5, 2).reshape(2, 1, 10, 12), attributes={"blocksize": 2}, name="DepthToSpace, depth first")

# ---- axes ------------------------------------------------------------------------------------------------------------

onnx("Flatten, then Gemm", [["Flatten", ["x"], {}], ["Gemm", [None, "w", "b"], {"transB": 1}]], lambda x, w, b: x.flatten(1) @ w.T + b, {"w": weight(3, 120), "b": weight(3)}, ops="reshape dense")
onnx("Gemm with alpha and beta", [["Gemm", ["x", "w", "b"], {"alpha": 0.5, "beta": 2.0}]], lambda x, w, b: 0.5 * x @ w + 2 * b, {"w": weight(5, 3), "b": weight(1, 3)}, shape=(2, 5))
onnx("MatMul over the last axis", [["MatMul", ["x", "w"], {}], ["Add", [None, "b"], {}]], lambda x, w, b: x @ w + b, {"w": weight(6, 3), "b": weight(3)})
onnx("MatMul of two", [["Transpose", ["x"], {"perm": [0, 1, 3, 2]}, ["t"]], ["MatMul", ["x", "t"], {}]], lambda x: x @ x.transpose(2, 3))
onnx("MatMul with a matrix for each channel", [["MatMul", ["x", "c"], {}]], lambda x, c: x @ c, {"c": weight(1, 4, 6, 2)})
onnx("MatMul of a constant", [["MatMul", ["c", "x"], {}]], lambda x, c: c @ x, {"c": weight(1, 4, 3, 5)})
onnx("Softmax over the channels", [["Softmax", ["x"], {"axis": 1}]], lambda x: x.softmax(1))
onnx("Softmax of old, over all of a row", [["Softmax", ["x"], {}]], lambda x: x.flatten(1).softmax(1), opset=11)
onnx("LogSoftmax", [["LogSoftmax", ["x"], {}]], lambda x: x.log_softmax(-1))
for op, of in [("Mean", lambda x, a, k: x.mean(a, k)), ("Sum", lambda x, a, k: x.sum(a, k)), ("Max", lambda x, a, k: x.amax(a, k)), ("Min", lambda x, a, k: x.amin(a, k)), ("L2", lambda x, a, k: x.pow(2).sum(a, k).sqrt())]:
    onnx(f"Reduce{op}", [[f"Reduce{op}", ["x"], {"axes": [-1, 1], "keepdims": 0}]], lambda x, of=of: of(x, (3, 1), False), opset=11)
onnx("ReduceMean with axes as input", [["ReduceMean", ["x", "axes"], {}]], lambda x: x.mean((2, 3), True), {"axes": ints(2, 3)}, opset=18)
onnx("Reshape into groups and back", [["Reshape", ["x", "a"], {}], ["Softmax", [None], {"axis": 1}], ["Reshape", [None, "b"], {}]], lambda x: x.reshape(2, 2, -1).softmax(1).reshape(2, 4, 5, 6), {"a": ints(0, 2, -1), "b": ints(-1, 4, 5, 6)})
onnx("Reshape to sizes without common parts", [["Reshape", ["x", "a"], {}], ["ReduceMax", [None], {"axes": [2]}]], lambda x: x.reshape(2, 8, 15).amax(2), {"a": ints(-1, 8, 15)})
onnx("Transpose to channels last, and a sum over them", [["Transpose", ["x"], {"perm": [0, 2, 3, 1]}], ["ReduceSum", [None, "axes"], {"keepdims": 0}]], lambda x: x.sum(1), {"axes": ints(-1)})
onnx("Transpose of a row's axes", [["Transpose", ["x"], {"perm": [0, 3, 1, 2]}]], lambda x: x.permute(0, 3, 1, 2))
onnx("Squeeze and Unsqueeze", [["GlobalAveragePool", ["x"], {}], ["Squeeze", [None, "a"], {}], ["Unsqueeze", [None, "b"], {}], ["Concat", [None, None], {"axis": 1}]], lambda x: torch.cat([x.mean((2, 3))[:, None]] * 2, 1), {"a": ints(2, 3), "b": ints(1)})
onnx("Concat along the channels, with a constant", [["Relu", ["x"], {}, ["a"]], ["Concat", ["x", "a", "c"], {"axis": 1}]], lambda x, c: torch.cat([x, x.relu(), c.expand(2, 1, 5, 6)], 1), {"c": weight(1, 1, 5, 6)})
onnx("Concat along a side", [["Neg", ["x"], {}, ["a"]], ["Concat", ["x", "a"], {"axis": -1}]], lambda x: torch.cat([x, -x], 3))
onnx("Split in two, summed", [["Split", ["x"], {"axis": 1}, ["a", "b"]], ["Sub", ["a", "b"], {}]], lambda x: x[:, :2] - x[:, 2:])
onnx("Split by sizes", [["Split", ["x", "s"], {"axis": 2}, ["a", "b"]], ["Tanh", ["b"], {}]], lambda x: x[:, :, 2:].tanh(), {"s": ints(2, 3)})
onnx("Slice", [["Slice", ["x", "from", "to", "axes", "steps"], {}]], lambda x: x[:, 1:3].flip(3)[..., ::2], {"from": ints(1, -1), "to": ints(3, -(2**31)), "axes": ints(1, 3), "steps": ints(1, -2)})
onnx("Slice of old", [["Slice", ["x"], {"starts": [1], "ends": [9223372036854775807], "axes": [2]}]], lambda x: x[:, :, 1:], opset=9)
onnx("Pad", [["Pad", ["x", "pads", "with"], {}]], lambda x: F.pad(x, (2, 1, 1, 0), value=0.7), {"pads": ints(0, 0, 1, 2, 0, 0, 0, 1), "with": {"floats": [0.7], "shape": []}})
onnx("Pad of the channels", [["Pad", ["x"], {"pads": [0, 1, 0, 0, 0, 2, 0, 0]}]], lambda x: F.pad(x, (0, 0, 0, 0, 1, 2)), opset=9)
onnx("Gather of one", [["Gather", ["x", "i"], {"axis": 1}]], lambda x: x[:, 2], {"i": {"ints": [2], "shape": []}})
onnx("Gather of several", [["Gather", ["x", "i"], {"axis": 1}]], lambda x: x[:, [3, 0, 2]], {"i": ints(3, 0, -2)})
onnx("Expand", [["GlobalAveragePool", ["x"], {}], ["Expand", [None, "s"], {}]], lambda x: x.mean((2, 3), keepdim=True).expand(2, 4, 2, 3), {"s": ints(1, 1, 2, 3)})
onnx(
    "shape arithmetic",
    [
        ["Shape", ["x"], {}, ["s"]], ["Gather", ["s", "zero"], {}, ["rows"]], ["Gather", ["s", "one"], {}, ["channels"]], ["Cast", ["channels"], {"to": 1}, ["real"]], ["Div", ["real", "two"], {}, ["half"]],
        ["Floor", ["half"], {}, ["floor"]], ["Cast", ["floor"], {"to": 7}, ["groups"]], ["Mul", ["rows", "groups"], {}, ["both"]], ["Unsqueeze", ["both"], {"axes": [0]}, ["a"]], ["Concat", ["a", "rest"], {"axis": 0}, ["shape"]],
        ["Reshape", ["x", "shape"], {}, ["y"]], ["Softmax", ["y"], {"axis": 1}, ["z"]], ["Reshape", ["z", "s"], {}],
    ],
    lambda x: x.reshape(4, 60).softmax(1).reshape(2, 4, 5, 6),
    {"zero": {"ints": [0], "shape": []}, "one": {"ints": [1], "shape": []}, "two": {"floats": [2], "shape": []}, "rest": ints(-1)},
    opset=11,
)
onnx(
    "a token for each row",
    [["Shape", ["x"], {}, ["s"]], ["Slice", ["s", "a", "b"], {}, ["n"]], ["Concat", ["n", "rest"], {"axis": 0}, ["wide"]], ["Expand", ["token", "wide"], {}, ["t"]], ["Concat", ["t", "x"], {"axis": 1}]],
    lambda x, token: torch.cat([token.expand(2, 1, 4), x], 1),
    {"a": ints(0), "b": ints(1), "rest": ints(-1, -1), "token": weight(1, 1, 4)},
    shape=(2, 3, 4),
)
CASES["onnx"][-1]["constants"]["rest"] = ints(1, 4)
onnx("a batch of two in the file", [["Reshape", ["x", "s"], {}], ["Gemm", [None, "w"], {}]], lambda x, w: x.reshape(2, 120) @ w, {"s": ints(2, 120), "w": weight(120, 3)}, batch=2)

# ---- TensorFlow ------------------------------------------------------------------------------------------------------

PICTURE = (2, 5, 6, 4)


def first(x):
    return x.permute(0, 3, 1, 2)


def last(x):
    return x.permute(0, 2, 3, 1)


def graph(name, nodes, of, constants={}, shape=PICTURE, x=X, **more):
    add("graph", name, nodes, constants, of, shape, x, **more)


def filters(w):
    return w.permute(3, 2, 0, 1)


SAME = {"padding": "SAME"}
graph("Conv2D, SAME with strides", [["Conv2D", ["x", "w"], {"strides": [1, 2, 2, 1], **SAME}], ["BiasAdd", [None, "b"], {}], ["Relu", [None], {}]], lambda x, w, b: last(F.conv2d(F.pad(first(x), (0, 1, 1, 1)), filters(w), b, 2)).relu(), {"w": weight(3, 3, 4, 3), "b": weight(3)}, ops="convolve relu reshape")
graph("Conv2D, explicit pads and dilations", [["Conv2D", ["x", "w"], {"strides": [1, 1, 1, 1], "dilations": [1, 2, 1, 1], "padding": "EXPLICIT", "explicit_paddings": [0, 0, 1, 2, 0, 1, 0, 0]}]], lambda x, w: last(F.conv2d(F.pad(first(x), (0, 1, 1, 2)), filters(w), dilation=(2, 1))), {"w": weight(2, 3, 4, 3)})
graph("_FusedConv2D with ReLU", [["_FusedConv2D", ["x", "w", "b"], {"strides": [1, 1, 1, 1], "padding": "VALID", "fused_ops": ["BiasAdd", "Relu"]}]], lambda x, w, b: last(F.conv2d(first(x), filters(w), b)).relu(), {"w": weight(2, 3, 4, 3), "b": weight(3)})
graph("_FusedConv2D with a leaky ReLU", [["_FusedConv2D", ["x", "w", "b"], {"strides": [1, 1, 1, 1], "padding": "VALID", "fused_ops": ["BiasAdd", "LeakyRelu"], "leakyrelu_alpha": 0.3}]], lambda x, w, b: F.leaky_relu(last(F.conv2d(first(x), filters(w), b)), 0.3), {"w": weight(2, 3, 4, 3), "b": weight(3)})
graph("_FusedConv2D with slopes", [["_FusedConv2D", ["x", "w", "b", "a"], {"strides": [1, 1, 1, 1], "padding": "VALID", "fused_ops": ["BiasAdd", "Prelu"]}]], lambda x, w, b, a: last(F.prelu(F.conv2d(first(x), filters(w), b), a)), {"w": weight(2, 3, 4, 3), "b": weight(3), "a": weight(3)})


def depthwise(x, w, b=None):
    return last(F.conv2d(first(x), w.reshape(3, 3, 1, 8).permute(3, 2, 0, 1), b, groups=4))


graph("DepthwiseConv2dNative, two filters for each channel", [["DepthwiseConv2dNative", ["x", "w"], {"strides": [1, 1, 1, 1], "padding": "VALID"}]], depthwise, {"w": weight(3, 3, 4, 2)})
graph("FusedDepthwiseConv2dNative", [["FusedDepthwiseConv2dNative", ["x", "w", "b"], {"strides": [1, 1, 1, 1], "padding": "VALID", "fused_ops": ["BiasAdd", "Relu6"]}]], lambda x, w, b: depthwise(x, w, b).clamp(0, 6), {"w": weight(3, 3, 4, 2), "b": weight(8)})
graph("Conv2DBackpropInput", [["Shape", ["x"], {}, ["s"]], ["StridedSlice", ["s", "z", "o", "o"], {"shrink_axis_mask": 1}, ["n"]], ["Pack", ["n", "h", "w2", "c"], {}, ["shape"]], ["Conv2DBackpropInput", ["shape", "w", "x"], {"strides": [1, 2, 2, 1], **SAME}]], lambda x, w: last(F.conv_transpose2d(first(x), w.permute(3, 2, 0, 1), stride=2)[:, :, :10, :12]), {"z": ints(0), "o": ints(1), "h": {"ints": [10], "shape": []}, "w2": {"ints": [12], "shape": []}, "c": {"ints": [3], "shape": []}, "w": weight(3, 3, 3, 4)})
graph("MaxPool, SAME", [["MaxPool", ["x"], {"ksize": [1, 2, 2, 1], "strides": [1, 2, 2, 1], **SAME}]], lambda x: last(F.max_pool2d(first(x), 2, 2, ceil_mode=True)))
graph("AvgPool, SAME, margins not counted", [["AvgPool", ["x"], {"ksize": [1, 3, 3, 1], "strides": [1, 2, 2, 1], **SAME}]], lambda x: last(F.avg_pool2d(F.pad(first(x), (0, 1, 1, 1)), 3, 2) / F.avg_pool2d(F.pad(torch.ones(1, 1, 5, 6), (0, 1, 1, 1)), 3, 2)))
graph("FusedBatchNormV3", [["FusedBatchNormV3", ["x", "s", "b", "m", "v"], {"epsilon": 1e-3}]], lambda x, s, b, m, v: last(F.batch_norm(first(x), m, v, s, b, False, 0, 1e-3)), STATISTICS)
graph("MatMul, BiasAdd, Softmax", [["MatMul", ["x", "w"], {"transpose_b": True}], ["BiasAdd", [None, "b"], {}], ["Softmax", [None], {}]], lambda x, w, b: (x @ w.T + b).softmax(1), {"w": weight(3, 5), "b": weight(3)}, shape=(2, 5), ops="dense softmax")
graph("_FusedMatMul", [["_FusedMatMul", ["x", "w", "b"], {"fused_ops": ["BiasAdd", "Elu"]}]], lambda x, w, b: F.elu(x @ w + b), {"w": weight(5, 3), "b": weight(3)}, shape=(2, 5))
for op, of in [("Relu6", lambda x: x.clamp(0, 6)), ("Sigmoid", torch.sigmoid), ("Tanh", torch.tanh), ("Elu", F.elu), ("Selu", F.selu), ("Softplus", F.softplus), ("Square", torch.square), ("Abs", torch.abs), ("Neg", torch.neg), ("Exp", torch.exp), ("Erf", torch.erf), ("LogSoftmax", lambda x: x.log_softmax(-1)), ("Identity", lambda x: x)]:
    graph(op, [[op, ["x"], {}]], of, x=[0.71, 0.3, 4, 0.1], shape=(2, 2, 3, 4))
graph("Rsqrt", [["Rsqrt", ["x"], {}]], torch.rsqrt, x=POSITIVE)
graph("LeakyRelu", [["LeakyRelu", ["x"], {"alpha": 0.3}]], lambda x: F.leaky_relu(x, 0.3))
for op, of in [("AddV2", torch.add), ("Sub", torch.sub), ("Mul", torch.mul), ("RealDiv", torch.div), ("Maximum", torch.maximum), ("Minimum", torch.minimum)]:
    graph(f"{op} with a constant first", [[op, ["c", "x"], {}]], lambda x, c, of=of: of(c, x), {"c": weight(3, 1, plus=1.5)}, x=POSITIVE, shape=(2, 2, 3, 4))
    graph(f"{op} of two values", [["Sigmoid", ["x"], {}, ["s"]], [op, ["x", "s"], {}]], lambda x, of=of: of(x, x.sigmoid()), x=POSITIVE, shape=(2, 2, 3, 4))
graph("SquaredDifference", [["Mean", ["x", "a"], {"keep_dims": True}, ["m"]], ["SquaredDifference", ["x", "m"], {}]], lambda x: (x - x.mean((1, 2), keepdim=True)) ** 2, {"a": ints(1, 2)})
for op, of in [("Mean", lambda x, a: x.mean(a)), ("Max", lambda x, a: x.amax(a)), ("Sum", lambda x, a: x.sum(a)), ("Min", lambda x, a: x.amin(a))]:
    graph(f"{op} over axes", [[op, ["x", "a"], {}]], lambda x, of=of: of(x, (1, 3)), {"a": ints(1, -1)})
graph("Reshape, Transpose, Squeeze, ExpandDims", [["Reshape", ["x", "s"], {}], ["Transpose", [None, "p"], {}], ["ExpandDims", [None, "e"], {}], ["Squeeze", [None], {"squeeze_dims": [2]}]], lambda x: x.reshape(2, 15, 8).transpose(1, 2), {"s": ints(-1, 15, 8), "p": ints(0, 2, 1), "e": {"ints": [2], "shape": []}})
graph("PadV2", [["PadV2", ["x", "p", "v"], {}]], lambda x: F.pad(x, (0, 0, 2, 0, 0, 1), value=-1.5), {"p": {"ints": [0, 0, 0, 1, 2, 0, 0, 0], "shape": [4, 2]}, "v": {"floats": [-1.5], "shape": []}})
graph("ConcatV2 and Split", [["Neg", ["x"], {}, ["n"]], ["ConcatV2", ["x", "n", "a"], {}, ["both"]], ["Split", ["a", "both"], {"num_split": 4}, ["p"]], ["Sub", ["p:1", "p:2"], {}]], lambda x: x[..., 2:] + x[..., :2], {"a": {"ints": [3], "shape": []}})
graph("StridedSlice with masks", [["StridedSlice", ["x", "b", "e", "s"], {"begin_mask": 1, "end_mask": 5, "shrink_axis_mask": 8}]], lambda x: x[:, 1:4, [5, 3, 1], 2], {"b": ints(0, 1, 5, 2), "e": ints(0, 4, 0, 3), "s": ints(1, 1, -2, 1)})
graph("StridedSlice with an ellipsis and a new axis", [["StridedSlice", ["x", "b", "e", "s"], {"ellipsis_mask": 1, "new_axis_mask": 2, "shrink_axis_mask": 4}]], lambda x: x[..., None, 1], {"b": ints(0, 0, 1), "e": ints(0, 0, 2), "s": ints(1, 1, 1)})
graph("Slice", [["Slice", ["x", "b", "s"], {}]], lambda x: x[:, 1:3, :, 2:], {"b": ints(0, 1, 0, 2), "s": ints(-1, 2, 6, -1)})
graph("GatherV2", [["GatherV2", ["x", "i", "a"], {}]], lambda x: x[..., [3, 0, 1]], {"i": ints(3, 0, 1), "a": {"ints": [-1], "shape": []}})
graph("BatchMatMulV2", [["Relu", ["x"], {}, ["r"]], ["BatchMatMulV2", ["x", "r"], {"adj_y": True}]], lambda x: x @ x.relu().transpose(2, 3))
graph("ResizeBilinear at the pixels' middles", [["ResizeBilinear", ["x", "s"], {"half_pixel_centers": True}]], lambda x: last(F.interpolate(first(x), size=(7, 4), mode="bilinear")), {"s": ints(7, 4)})
graph("ResizeNearestNeighbor", [["ResizeNearestNeighbor", ["x", "s"], {}]], lambda x: last(F.interpolate(first(x), size=(7, 9), mode="nearest")), {"s": ints(7, 9)})

with open(OUT, "w") as file:
    json.dump(CASES, file, separators=(",", ":"))
print({key: len(cases) for key, cases in CASES.items()}, os.path.getsize(OUT))
