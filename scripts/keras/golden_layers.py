"""Tiny networks of Keras with random weights, and what Keras answers: tests/golden/keras-layers.json.

Run by hand with the Keras that is the reference (made with 3.15.1 on TensorFlow 2.21):
    python scripts/keras/golden_layers.py
Each network is written in the form of a TensorFlow.js LayersModel: its configuration by to_json, and its weights in one
piece of float32. Inputs and outputs are float32 in base64, in the order of the network's own axes.
"""

import base64
import json
import os
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import numpy as np
from keras import layers as L
from keras.src.applications.convnext import LayerScale

HERE = Path(__file__).resolve().parents[2] / "tests" / "golden"
random = np.random.default_rng(7)


def code(values):
    return base64.b64encode(np.ascontiguousarray(values, "<f4").tobytes()).decode()


def fill(model):
    """Random weights; variances and slopes positive."""
    for weight in model.weights:
        # What adapt has found is kept: a Normalization works with copies of it.
        if "seed_generator" in weight.path or weight.path.startswith("normalization"):
            continue
        values = random.normal(0, 0.5, weight.shape)
        if weight.path.endswith("variance") or weight.path.endswith("alpha"):
            values = np.abs(values) + 0.2
        weight.assign(values)


def case(name, model, rows=2, first=False):
    fill(model)
    shape = model.input_shape[1:]
    x = random.normal(0, 1.5, (rows, *shape)).astype("float32")
    if first:
        # TensorFlow on a CPU has no kernels with the channels first: the same network with the channels last says it.
        y = first(np.transpose(x, (0, 2, 3, 1)))
    else:
        y = model(x, training=False)
    outputs = [np.asarray(each) for each in (y if isinstance(y, (list, tuple)) else [y])]
    weights = [w for w in model.weights if "seed_generator" not in w.path]
    values = [np.asarray(w.numpy(), "float32") for w in weights]
    print(name, shape, [o.shape for o in outputs])
    return {
        "name": name,
        "topology": json.loads(model.to_json()),
        "weights": [{"name": w.path, "shape": list(w.shape), "dtype": "float32"} for w in weights],
        "data": base64.b64encode(b"".join(np.ascontiguousarray(v, "<f4").tobytes() for v in values)).decode(),
        "shape": list(x.shape),
        "x": code(x),
        "outputs": [{"shape": list(o.shape), "y": code(o)} for o in outputs],
    }


def many(shape, made):
    """A network with one input and an output for each of some layers, and for one with weights."""
    x = keras.Input(shape)
    return keras.Model(x, [layer(x) for layer in [*made, L.Dense(1)]])


def merged(layer, count=2):
    x = keras.Input((3, 4, 2))
    parts = [L.Dense(2, name=f"part{i}")(x) for i in range(count)]
    return keras.Model(x, layer(parts))


def residual():
    x = keras.Input((6, 6, 3))
    a = L.Conv2D(4, 3, padding="same", use_bias=False)(x)
    a = L.BatchNormalization()(a)
    a = L.ReLU()(a)
    b = L.Conv2D(4, 1)(x)
    y = L.Add()([a, b])
    s = L.GlobalAveragePooling2D(keepdims=True)(y)
    s = L.Dense(4, activation="sigmoid")(s)
    y = L.Multiply()([y, s])
    return keras.Model(x, [L.Dense(3)(L.Flatten()(y)), y])


def nested():
    inner = keras.Sequential([keras.Input((4, 4, 2)), L.Conv2D(2, 3, padding="same"), L.ReLU()], name="inner")
    i = keras.Input((4, 4, 2))
    deep = keras.Model(i, L.BatchNormalization()(inner(i)), name="deep")
    shared = L.Conv2D(2, 1, name="shared")
    x = keras.Input((4, 4, 2))
    y = deep(shared(x))
    last = keras.Sequential([keras.Input((4, 4, 2)), L.Conv2D(2, 2), L.PReLU()], name="last")
    y = last(shared(y))
    return keras.Model(x, y)


def operations():
    x = keras.Input((3, 3, 2))
    y = x / 2.0 - 1.0
    z = 1.0 - y
    return keras.Model(x, [y * z + 3.0, keras.ops.maximum(y, z), keras.ops.silu(z), keras.ops.relu(y), L.Dense(2)(y)])


def first():
    """The same network with the channels first and, for its answers, last."""

    def build(form):
        one = form == "channels_first"
        axis = 1 if one else -1
        x = keras.Input((3, 5, 6) if one else (5, 6, 3))
        y = L.ZeroPadding2D(1, data_format=form)(x)
        y = L.Conv2D(4, 3, strides=2, data_format=form, activation="relu")(y)
        y = L.BatchNormalization(axis=axis)(y)
        z = L.DepthwiseConv2D(3, padding="same", data_format=form)(y)
        y = L.Concatenate(axis=axis)([y, z])
        y = L.MaxPooling2D(2, padding="same", data_format=form)(y)
        w = L.Flatten(data_format=form)(y)
        return keras.Model(x, [L.Dense(3)(w), L.GlobalAveragePooling2D(data_format=form)(y)])

    model, twin = build("channels_first"), build("channels_last")
    fill(model)
    return model, lambda x: (twin.set_weights(model.get_weights()), twin(x, training=False))[1]


def adapted(**how):
    layer = L.Normalization(**how)
    layer.adapt(random.normal(2, 3, (50, 4)).astype("float32"))
    x = keras.Input((4,))
    return keras.Model(x, layer(x))


NAMES = (
    "relu relu6 sigmoid tanh softmax softplus softsign elu selu exponential hard_sigmoid gelu silu hard_silu "
    "mish leaky_relu log_softmax log_sigmoid celu hard_tanh tanh_shrink"
).split()

cases = [
    case("convolutions", many((6, 7, 4), [
        L.Conv2D(3, 3),
        L.Conv2D(4, (3, 2), strides=(2, 1), padding="same", activation="relu"),
        L.Conv2D(2, 3, dilation_rate=2, padding="same", use_bias=False),
        L.Conv2D(6, 3, groups=2, padding="same", strides=2),
        L.DepthwiseConv2D(3, strides=2, padding="same", depth_multiplier=2),
        L.DepthwiseConv2D((2, 3), use_bias=False),
        L.SeparableConv2D(5, 3, depth_multiplier=2, padding="same", activation="tanh"),
        L.Dense(3, activation="elu"),
    ])),
    case("transposed", many((3, 4, 2), [
        L.Conv2DTranspose(3, 3, strides=2),
        L.Conv2DTranspose(3, 3, strides=2, padding="same", activation="relu"),
        L.Conv2DTranspose(2, 2, strides=3, padding="same"),
        L.Conv2DTranspose(2, 2, strides=3),
        L.Conv2DTranspose(2, 4, strides=2, padding="same", use_bias=False),
        L.Conv2DTranspose(2, (3, 2), strides=(1, 2), padding="same"),
    ])),
    case("activations", many((7,), [L.Activation(name) for name in NAMES])),
    case("activation layers", many((3, 2, 4), [
        L.ReLU(), L.ReLU(max_value=1.0), L.ReLU(max_value=6.0), L.ReLU(negative_slope=0.1),
        L.ReLU(negative_slope=0.1, max_value=0.5), L.LeakyReLU(negative_slope=0.05), L.LeakyReLU(),
        L.PReLU(), L.PReLU(shared_axes=[1, 2]), L.ELU(alpha=0.7), L.ELU(), L.Softmax(), L.Softmax(axis=1),
    ])),
    case("poolings", many((5, 6, 3), [
        L.MaxPooling2D(), L.MaxPooling2D(3, strides=2, padding="same"), L.MaxPooling2D((2, 3), strides=1),
        L.AveragePooling2D(2), L.AveragePooling2D(3, strides=2, padding="same"), L.AveragePooling2D(2, strides=1, padding="same"),
        L.GlobalAveragePooling2D(), L.GlobalAveragePooling2D(keepdims=True), L.GlobalMaxPooling2D(),
        L.GlobalMaxPooling2D(keepdims=True),
    ])),
    case("norms", many((3, 4, 2), [
        L.BatchNormalization(), L.BatchNormalization(axis=1, epsilon=0.1), L.BatchNormalization(axis=2, scale=False),
        L.BatchNormalization(center=False, epsilon=1e-5), L.BatchNormalization(center=False, scale=False),
        L.LayerNormalization(), L.LayerNormalization(axis=[1, 2, 3], epsilon=0.01), L.LayerNormalization(axis=[2, 3], scale=False),
        LayerScale(0.1, 2), L.GroupNormalization(2), L.GroupNormalization(-1, scale=False, epsilon=0.1), L.GroupNormalization(1, center=False),
        L.Rescaling(1 / 127.5, offset=-1), L.Rescaling([2.0, 3.0], offset=[0.5, -1.0]),
        L.Normalization(mean=[1.0, 2.0], variance=[4.0, 0.0]), L.Normalization(mean=0.5, variance=4.0, axis=None),
        L.Normalization(mean=[1.0, 2.0], variance=[4.0, 9.0], invert=True),
    ])),
    case("an adapted normalization", adapted()),
    case("an adapted normalization of everything", adapted(axis=None)),
    case("shapes", many((5, 6, 2), [
        L.Flatten(), L.Reshape((3, -1)), L.Reshape((6, 5, 2)), L.Permute((3, 1, 2)), L.ZeroPadding2D(1),
        L.ZeroPadding2D(((1, 2), (0, 3))), L.Cropping2D(((1, 0), (2, 1))), L.UpSampling2D(),
        L.UpSampling2D((3, 2)), L.UpSampling2D(2, interpolation="bilinear"), L.Resizing(7, 4), L.Resizing(3, 9),
        L.Resizing(4, 7, interpolation="nearest"), L.CenterCrop(2, 3), L.CenterCrop(5, 6),
    ])),
    case("quiet", keras.Sequential([
        keras.Input((3, 3, 2)),
        L.Dropout(0.5), L.SpatialDropout2D(0.5), L.AlphaDropout(0.5), L.GaussianDropout(0.5), L.GaussianNoise(1.0),
        L.ActivityRegularization(l2=0.1), L.Identity(), L.RandomFlip(), L.RandomRotation(0.1), L.RandomZoom(0.1),
        L.RandomTranslation(0.1, 0.1), L.RandomContrast(0.1), L.Activation("linear"), L.Dense(2),
    ])),
    case("residual", residual()),
    case("nested", nested()),
    case("operations", operations()),
    case("add", merged(L.Add(), 3)),
    case("subtract", merged(L.Subtract())),
    case("multiply", merged(L.Multiply(), 3)),
    case("average", merged(L.Average(), 3)),
    case("maximum", merged(L.Maximum())),
    case("minimum", merged(L.Minimum())),
    case("concatenate", merged(L.Concatenate(), 3)),
    case("concatenate rows", merged(L.Concatenate(axis=1))),
    case("image without channels", keras.Sequential([keras.Input((4, 5)), L.Flatten(), L.Dense(3, activation="softmax")])),
    case("rows of numbers", keras.Sequential([keras.Input((6,)), L.Dense(5, activation="relu"), L.LayerNormalization(), L.Dense(2)])),
]
model, twin = first()
cases.append(case("channels first", model, first=twin))

text = json.dumps({"keras": keras.__version__, "cases": cases}, separators=(",", ":"))
(HERE / "keras-layers.json").write_text(text + "\n")
print(len(text))
