"""Writes tests/golden/onnx.json: small networks as PyTorch exports them to ONNX, with what PyTorch answers.

    /usr/bin/python3 scripts/torch/export_onnx.py

The networks are ours with drawn weights, in the manner of those that people bring: residual, plain with a classifier,
depthwise, dense, with an encoder-decoder, with attention. Files are stored in base64. Inputs are waves, channels first.
"""

import base64
import io
import json
import os
import warnings

import torch
from torch import nn
import torch.nn.functional as F

from golden import flat, wave

torch.set_default_dtype(torch.float32)
warnings.filterwarnings("ignore")
OUT = os.path.join(os.path.dirname(__file__), "..", "..", "tests", "golden", "onnx.json")


class Block(nn.Module):
    def __init__(self, a, b, stride):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(a, b, 3, stride, 1, bias=False), nn.BatchNorm2d(b), nn.ReLU(), nn.Conv2d(b, b, 3, 1, 1, bias=False), nn.BatchNorm2d(b))
        self.short = nn.Sequential(nn.Conv2d(a, b, 1, stride, bias=False), nn.BatchNorm2d(b)) if stride > 1 else nn.Identity()

    def forward(self, x):
        return F.relu(self.body(x) + self.short(x))


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 4, 3, 1, 1, bias=False), nn.BatchNorm2d(4), nn.ReLU())
        self.blocks = nn.Sequential(Block(4, 4, 1), Block(4, 6, 2))
        self.head = nn.Linear(6, 5)

    def forward(self, x):
        x = self.blocks(self.stem(x))
        x = F.adaptive_avg_pool2d(x, 1)
        return self.head(x.view(x.size(0), -1))


class Plain(nn.Module):
    """As VGG: pooling, then a classifier on flattened maps; normalises its own input."""

    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.tensor([0.4, 0.5, 0.6]).view(1, 3, 1, 1))
        self.features = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(inplace=True), nn.MaxPool2d(2), nn.Conv2d(4, 5, 3, padding=1), nn.LeakyReLU(0.1), nn.AvgPool2d(3, 2, 1, ceil_mode=True, count_include_pad=False))
        self.classifier = nn.Sequential(nn.Dropout(), nn.Linear(5 * 3 * 3, 7), nn.ReLU(), nn.Linear(7, 4))

    def forward(self, x):
        x = self.features((x - self.mean) / 0.25)
        return F.log_softmax(self.classifier(torch.flatten(x, 1)), 1)


class Depthwise(nn.Module):
    """As MobileNet: inverted residuals, squeeze and excitation, hard swish, ReLU6."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 4, 3, 2, 1, bias=False), nn.BatchNorm2d(4), nn.Hardswish())
        self.grow = nn.Sequential(nn.Conv2d(4, 8, 1, bias=False), nn.BatchNorm2d(8), nn.ReLU6(), nn.Conv2d(8, 8, 3, 1, 1, groups=8, bias=False), nn.BatchNorm2d(8), nn.ReLU6())
        self.squeeze = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(8, 2, 1), nn.ReLU(), nn.Conv2d(2, 8, 1), nn.Hardsigmoid())
        self.shrink = nn.Sequential(nn.Conv2d(8, 4, 1, bias=False), nn.BatchNorm2d(4))
        self.shuffle = nn.Conv2d(4, 4, 3, 1, 1, groups=2)
        self.head = nn.Linear(4, 3)

    def forward(self, x):
        x = self.stem(x)
        y = self.grow(x)
        x = x + self.shrink(y * self.squeeze(y))
        # Channels of two groups change places, as in ShuffleNet.
        n, c, h, w = x.shape
        x = self.shuffle(x).view(n, 2, c // 2, h, w).transpose(1, 2).reshape(n, c, h, w)
        return self.head(F.silu(x).mean([2, 3]))


class Dense(nn.Module):
    """As DenseNet and Inception: channels are joined; group norm, PReLU, GELU."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 4, 3, 1, 1)
        self.norm = nn.GroupNorm(2, 4)
        self.act = nn.PReLU(4)
        self.wide = nn.Conv2d(4, 4, (1, 3), 1, (0, 1))
        self.tall = nn.Conv2d(4, 3, (3, 1), 1, (1, 0))
        self.last = nn.Conv2d(11, 5, 1)

    def forward(self, x):
        x = self.act(self.norm(self.first(x)))
        x = torch.cat([x, F.gelu(self.wide(x)), F.elu(self.tall(x), 0.7)], 1)
        # A head without a linear layer.
        return F.adaptive_max_pool2d(self.last(F.instance_norm(x)), 1).flatten(1)


class Encoder(nn.Module):
    """Down and up again, with what was passed on; classified at the end."""

    def __init__(self):
        super().__init__()
        self.down = nn.Conv2d(3, 4, 3, 2, 1)
        self.up = nn.ConvTranspose2d(4, 3, 3, 2, 1, output_padding=1)
        self.near = nn.Conv2d(6, 2, 1)
        self.head = nn.Linear(2 * 4 * 4, 3)

    def forward(self, x):
        y = F.softplus(self.up(torch.tanh(self.down(x))))
        z = F.interpolate(F.max_pool2d(x, 2), scale_factor=2, mode="nearest")
        z = F.interpolate(self.near(torch.cat([y, z[:, :, :8, :8]], 1)), size=(4, 4), mode="bilinear", align_corners=False)
        return self.head(F.pad(z, (0, 0, 1, 1))[:, :, 1:5].reshape(x.size(0), -1))


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads, self.norm, self.qkv, self.out = heads, nn.LayerNorm(width), nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))

    def forward(self, x):
        n, t, c = x.shape
        q, k, v = self.qkv(self.norm(x)).reshape(n, t, 3, self.heads, c // self.heads).permute(2, 0, 3, 1, 4)
        a = (q @ k.transpose(-2, -1) * (c // self.heads) ** -0.5).softmax(-1)
        x = x + self.out((a @ v).transpose(1, 2).reshape(n, t, c))
        return x + self.mlp(x)


class Patches(nn.Module):
    """As a vision transformer: patches, a class token, places, attention."""

    def __init__(self):
        super().__init__()
        self.patch = nn.Conv2d(3, 6, 4, 4)
        self.token = nn.Parameter(torch.randn(1, 1, 6))
        self.places = nn.Parameter(torch.randn(1, 5, 6))
        self.body = nn.Sequential(Attention(6, 2), nn.LayerNorm(6))
        self.head = nn.Linear(6, 4)

    def forward(self, x):
        x = self.patch(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(x.shape[0], -1, -1), x], 1) + self.places
        return self.head(self.body(x)[:, 0])


class Stock(nn.Module):
    """PyTorch's own transformer layer, whose rows stand along the second axis inside."""

    def __init__(self):
        super().__init__()
        self.patch = nn.Conv2d(3, 4, 4, 4)
        self.body = nn.TransformerEncoderLayer(4, 2, 8, 0.0, batch_first=True)
        self.head = nn.Linear(4, 3)

    def forward(self, x):
        return self.head(self.body(self.patch(x).flatten(2).transpose(1, 2)).mean(1))


class Mixer(nn.Module):
    """A perceptron on pixels, whose normalisation and activation are written out."""

    def __init__(self):
        super().__init__()
        self.first, self.last = nn.Linear(3 * 8 * 8, 6), nn.Linear(6, 3)

    def forward(self, x):
        x = self.first(x.flatten(1))
        x = (x - x.mean(1, keepdim=True)) / torch.sqrt(x.var(1, keepdim=True, unbiased=False) + 1e-5)
        return self.last(x * torch.sigmoid(1.7 * x)).softmax(1)


NETS = {"residual": Residual, "plain": Plain, "depthwise": Depthwise, "joined": Dense, "encoder": Encoder, "patches": Patches, "transformer layer": Stock, "perceptron": Mixer}


def export(name, make, opset, fixed):
    torch.manual_seed(len(name))
    net = make()
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.uniform_(-0.3, 0.3)
            module.running_var.uniform_(0.5, 1.5)
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.3, 0.3)
        if isinstance(module, nn.PReLU):
            nn.init.uniform_(module.weight, 0.1, 0.4)
    net.eval()
    x = wave((2, 3, 8, 8), 0.37, 0.2, 0.7, 0.4).float()
    file = io.BytesIO()
    axes = {} if fixed else {"dynamic_axes": {"image": {0: "rows"}, "scores": {0: "rows"}}}
    folding = not isinstance(net, Residual)
    kept = torch.onnx.TrainingMode.EVAL if folding else torch.onnx.TrainingMode.PRESERVE
    torch.onnx.export(net, x[:1] if fixed else x, file, opset_version=opset, input_names=["image"], output_names=["scores"], do_constant_folding=folding, training=kept, **axes)
    with torch.no_grad():
        wanted = net.double()(x.double())
    return {"name": name, "opset": opset, "batch": "one" if fixed else "any", "file": base64.b64encode(file.getvalue()).decode(), "scores": flat(wanted)}


cases = []
for name, make in NETS.items():
    for opset, fixed in ((11, False), (13, True)) if name in {"residual", "plain", "patches"} else ((13, False),) if name != "depthwise" else ((14, False),):
        cases.append(export(name, make, opset, fixed))
with open(OUT, "w") as file:
    json.dump({"x": [0.37, 0.2, 0.7, 0.4], "cases": cases}, file, indent=0)
print([(c["name"], c["opset"], len(c["file"])) for c in cases], os.path.getsize(OUT))
