"""Small checkpoints in the namings that PyTorch networks commonly have, and what the networks answer.

Usage: python3 golden_files.py, in the repository's root. Writes tests/golden/files/*.pth and tests/golden/files.json.
Every class below is plain PyTorch with the names of its family; weights and batch norm's statistics are drawn from a
seed. Inputs are x[i] = sin(0.37 i) in PyTorch's order, so that they need not be stored. Files of the older form hold
addresses as the names of their storages: those differ from run to run, and nothing else does.
"""

import base64
import collections
import json
import math
import os
import pickle
import sys
import types
import zipfile

import torch
import torch.nn.functional as F
from torch import nn

from nets import ResNet as OwnResNet

OUT = os.path.join("tests", "golden", "files")


class Basic(nn.Module):
    """Two 3x3 convolutions; `short` is what the family calls its shortcut."""

    expansion = 1

    def __init__(self, cin, width, stride, short):
        super().__init__()
        self.conv1 = nn.Conv2d(cin, width, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.short = short
        self.changes = stride != 1 or cin != width
        if self.changes:
            setattr(self, short, nn.Sequential(nn.Conv2d(cin, width, 1, stride, bias=False), nn.BatchNorm2d(width)))

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + (getattr(self, self.short)(x) if self.changes else x))


class Bottleneck(nn.Module):
    """1x1, 3x3 (with the stride, in groups) and 1x1 to four times the width."""

    expansion = 4
    groups = 1

    def __init__(self, cin, width, stride, short):
        super().__init__()
        self.conv1 = nn.Conv2d(cin, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, 1, groups=self.groups, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, 4 * width, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(4 * width)
        self.short = short
        self.changes = stride != 1 or cin != 4 * width
        if self.changes:
            setattr(self, short, nn.Sequential(nn.Conv2d(cin, 4 * width, 1, stride, bias=False), nn.BatchNorm2d(4 * width)))

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn3(self.conv3(F.relu(self.bn2(self.conv2(y)))))
        return F.relu(y + (getattr(self, self.short)(x) if self.changes else x))


class Grouped(Bottleneck):
    groups = 2


class ResNet(nn.Module):
    """conv1, bn1, layer1 to layerN, and a head called fc (shortcuts: downsample) or linear (shortcuts: shortcut)."""

    def __init__(self, block, widths, counts, kernel, short, head, classes=5):
        super().__init__()
        self.large = kernel == 7
        self.conv1 = nn.Conv2d(3, widths[0], kernel, 2 if self.large else 1, kernel // 2, bias=False)
        self.bn1 = nn.BatchNorm2d(widths[0])
        cin = widths[0]
        for layer, (width, count) in enumerate(zip(widths[1:], counts), start=1):
            blocks = []
            for index in range(count):
                blocks.append(block(cin, width, 2 if layer > 1 and index == 0 else 1, short))
                cin = width * block.expansion
            setattr(self, f"layer{layer}", nn.Sequential(*blocks))
        self.counts = counts
        self.head = head
        setattr(self, head, nn.Linear(cin, classes))

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        if self.large:
            x = F.max_pool2d(x, 3, 2, 1)
        for layer in range(len(self.counts)):
            x = getattr(self, f"layer{layer + 1}")(x)
        return getattr(self, self.head)(x.mean((2, 3)))


class PaddedBasic(nn.Module):
    """Option A of He et al. 2016: every second pixel, zero channels half before and half behind."""

    expansion = 1

    def __init__(self, cin, width, stride, short):
        super().__init__()
        self.conv1 = nn.Conv2d(cin, width, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.stride, self.more = stride, width - cin

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        s = x[:, :, :: self.stride, :: self.stride]
        return F.relu(y + F.pad(s, (0, 0, 0, 0, self.more // 2, self.more - self.more // 2)))


class WideBlock(nn.Module):
    """A block of a wide ResNet: activations first; where the shape changes the shortcut reads the activated input."""

    def __init__(self, cin, cout, stride):
        super().__init__()
        self.bn1 = nn.BatchNorm2d(cin)
        self.conv1 = nn.Conv2d(cin, cout, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(cout)
        self.conv2 = nn.Conv2d(cout, cout, 3, 1, 1, bias=False)
        self.convShortcut = nn.Conv2d(cin, cout, 1, stride, bias=False) if cin != cout else None

    def forward(self, x):
        a = F.relu(self.bn1(x))
        y = self.conv2(F.relu(self.bn2(self.conv1(a))))
        return y + (x if self.convShortcut is None else self.convShortcut(a))


class WideResNet(nn.Module):
    """conv1, block1.layer.0 to block3.layer.N, bn1, fc."""

    def __init__(self, widths, count, classes=5):
        super().__init__()
        self.conv1 = nn.Conv2d(3, widths[0], 3, 1, 1, bias=False)
        cin = widths[0]
        for group, width in enumerate(widths[1:], start=1):
            layers = []
            for index in range(count):
                layers.append(WideBlock(cin, width, 2 if group > 1 and index == 0 else 1))
                cin = width
            block = nn.Module()
            block.layer = nn.Sequential(*layers)
            setattr(self, f"block{group}", block)
        self.bn1 = nn.BatchNorm2d(cin)
        self.fc = nn.Linear(cin, classes)

    def forward(self, x):
        x = self.conv1(x)
        for block in (self.block1, self.block2, self.block3):
            x = block.layer(x)
        return self.fc(F.relu(self.bn1(x)).mean((2, 3)))


class PreActBlock(nn.Module):
    """Activations first; names as in the block that comes after."""

    def __init__(self, cin, width, stride):
        super().__init__()
        self.bn1 = nn.BatchNorm2d(cin)
        self.conv1 = nn.Conv2d(cin, width, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        if stride != 1 or cin != width:
            self.shortcut = nn.Sequential(nn.Conv2d(cin, width, 1, stride, bias=False))

    def forward(self, x):
        a = F.relu(self.bn1(x))
        s = self.shortcut(a) if hasattr(self, "shortcut") else x
        return self.conv2(F.relu(self.bn2(self.conv1(a)))) + s


class PreActResNet(nn.Module):
    """conv1, layer1 to layer4 and linear, without any batch norm of its own."""

    def __init__(self, widths, classes=5):
        super().__init__()
        self.conv1 = nn.Conv2d(3, widths[0], 3, 1, 1, bias=False)
        cin = widths[0]
        for layer, width in enumerate(widths[1:], start=1):
            setattr(self, f"layer{layer}", nn.Sequential(PreActBlock(cin, width, 1 if layer == 1 else 2)))
            cin = width
        self.layers = len(widths) - 1
        self.linear = nn.Linear(cin, classes)

    def forward(self, x):
        x = self.conv1(x)
        for layer in range(self.layers):
            x = getattr(self, f"layer{layer + 1}")(x)
        return self.linear(x.mean((2, 3)))


class Vgg(nn.Module):
    """features.N (3x3 convolutions, batch norm where wanted, ReLU, max pools) and a classifier."""

    def __init__(self, plan, norm, dense, side, classes=5):
        super().__init__()
        layers, cin = [], 3
        for width in plan:
            if width == "M":
                layers.append(nn.MaxPool2d(2, 2))
                side //= 2
                continue
            layers.append(nn.Conv2d(cin, width, 3, padding=1))
            layers += [nn.BatchNorm2d(width)] if norm else []
            layers.append(nn.ReLU())
            cin = width
        self.features = nn.Sequential(*layers)
        features = cin * side * side
        if dense is None:
            self.classifier = nn.Linear(features, classes)
        else:
            self.classifier = nn.Sequential(
                nn.Linear(features, dense), nn.ReLU(), nn.Dropout(), nn.Linear(dense, dense), nn.ReLU(), nn.Dropout(), nn.Linear(dense, classes)
            )

    def forward(self, x):
        return self.classifier(self.features(x).flatten(1))


def drawn(net, seed):
    """The network in evaluation mode with weights and statistics of its own."""
    generator = torch.Generator().manual_seed(seed)
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            for values, low, high in ((module.weight, 0.5, 1.5), (module.bias, -0.3, 0.3), (module.running_mean, -0.3, 0.3), (module.running_var, 0.5, 1.5)):
                values.data.uniform_(low, high, generator=generator)
        elif isinstance(module, (nn.Conv2d, nn.Linear)):
            fan = module.weight[0].numel()
            module.weight.data.normal_(0, math.sqrt(2 / fan), generator=generator)
            if module.bias is not None:
                module.bias.data.normal_(0, 0.1, generator=generator)
    return net.eval()


def answers(net, side):
    """Logits of two inputs, computed in float64 with the weights as they are."""
    x = torch.sin(0.37 * torch.arange(2 * 3 * side * side, dtype=torch.float64)).float().reshape(2, 3, side, side)
    with torch.no_grad():
        return [[round(v, 7) for v in row] for row in net.double()(x.double()).tolist()]


def views(state):
    """The same tensors as views of one storage: offsets, and convolutions whose axes lie in another order."""
    flat = torch.zeros(7 + sum(v.numel() for v in state.values() if v.is_floating_point()))
    out, at = collections.OrderedDict(), 7
    for name, value in state.items():
        if not value.is_floating_point():
            continue
        place = flat[at : at + value.numel()]
        at += value.numel()
        order = (3, 1, 0, 2)
        if value.dim() == 4:
            turned = value.permute(order)
            view = place.view(turned.shape).permute([order.index(axis) for axis in range(4)])
        else:
            view = place.view(value.shape)
        view.copy_(value)
        out[name] = view
    return out


class Unknown:
    """A class that no reader knows."""

    def __init__(self, value):
        self.value = value


Unknown.__module__ = "somebody.elses"


def pickles():
    """One value of every kind in all protocols, in base64. The class cannot be imported: its name is written by hand."""
    module = types.ModuleType("somebody.elses")
    module.Unknown = Unknown
    sys.modules["somebody"], sys.modules["somebody.elses"] = types.ModuleType("somebody"), module
    shared = ["shared"]
    value = {
        "whole": [0, 1, 255, 256, 65535, 65536, -1, -(2**31), 2**31, 2**40, -(2**40), 2**70, -(2**70)],
        "real": [0.5, -1.25e-7, 1e300],
        "flags": [True, False, None],
        "text": ["", "a", "\u00e9\u03b1\u6f22", "x" * 300],
        "tuples": [(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)],
        "sets": [set(), {7}, frozenset([8])],
        "ordered": collections.OrderedDict([("b", 1), ("a", 2)]),
        "twice": [shared, shared],
        "unknown": Unknown({"deep": 1}),
        3: "by number",
        "raw": b"\x00\xff",
    }
    return [base64.b64encode(pickle.dumps(value, protocol)).decode() for protocol in range(6)]


def main():
    os.makedirs(OUT, exist_ok=True)
    golden = {}

    def keep(name, net, side, seed, pack=lambda state: state, dtype=None, legacy=False):
        drawn(net, seed)
        if dtype is not None:
            net.to(dtype)
        torch.save(pack(net.state_dict()), os.path.join(OUT, name), _use_new_zipfile_serialization=not legacy)
        golden[name] = {"side": side, "logits": answers(net, side)}
        if side == 32:
            golden[name]["others"] = {"side": 21, "logits": answers(net, 21)}

    keep("basic-fc.pth", ResNet(Basic, [4, 4, 6, 8], [1, 2, 1], 3, "downsample", "fc"), 32, 1, dtype=torch.float16)
    keep("bottleneck-fc-large.pth", ResNet(Bottleneck, [4, 2, 2], [1, 1], 7, "downsample", "fc"), 224, 2, legacy=True)
    keep("grouped-fc.pth", ResNet(Grouped, [4, 4, 4], [1, 1], 3, "downsample", "fc"), 32, 3, dtype=torch.float64, legacy=True)
    keep("basic-linear.pth", ResNet(Basic, [4, 4, 6, 6, 8], [1, 1, 1, 1], 3, "shortcut", "linear"), 32, 4, dtype=torch.bfloat16)
    keep(
        "padded-linear.pth",
        ResNet(PaddedBasic, [4, 4, 8, 16], [1, 1, 1], 3, "shortcut", "linear"),
        32,
        5,
        pack=lambda state: {
            "epoch": 3,
            "best_acc1": torch.tensor(0.5),
            "state_dict": collections.OrderedDict((f"module._orig_mod.{k}", v) for k, v in state.items()),
            "optimizer": {"state": {0: {"momentum_buffer": torch.zeros(2)}}, "param_groups": [{"lr": 0.1, "params": [0]}]},
        },
        legacy=True,
    )
    keep("wide.pth", WideResNet([4, 4, 6, 8], 2), 32, 6, pack=views)
    keep("preact-linear.pth", PreActResNet([4, 4, 6, 6, 8]), 32, 7, pack=views, legacy=True)
    keep("vgg-bn.pth", Vgg([4, "M", 6, 6, "M"], True, None, 8), 8, 8)
    keep("vgg-dense.pth", Vgg([4, 4, "M", 6, "M"], False, 7, 8), 8, 9)
    keep("own.pth", OwnResNet(1, [4, 4, 6, 8], 2, 5), 32, 10)

    # Files that are to be refused.
    torch.manual_seed(0)
    torch.save(nn.Sequential(collections.OrderedDict(fc=nn.Linear(2, 2))), os.path.join(OUT, "whole.pth"))
    torch.save({"epoch": 1, "model": nn.Linear(2, 2)}, os.path.join(OUT, "wrapped-whole.pth"))
    # A program's archive by its parts: a real one holds paths of the machine that wrote it.
    with zipfile.ZipFile(os.path.join(OUT, "script.pt"), "w") as archive:
        for name in ("data.pkl", "constants.pkl", "code/__torch__.py"):
            archive.writestr(zipfile.ZipInfo(f"script/{name}"), pickle.dumps(None, 2))
    torch.save({"quantised.weight": torch.quantize_per_tensor(torch.ones(2, 2), 0.1, 0, torch.qint8)}, os.path.join(OUT, "quantised.pth"))
    with open(os.path.join(OUT, "plain.pkl"), "wb") as file:
        pickle.dump({"weight": [1.0, 2.0], "other": (3, "x")}, file, protocol=4)
    with open(os.path.join("tests", "golden", "files.json"), "w") as file:
        json.dump({"nets": golden, "pickles": pickles()}, file)
        file.write("\n")


if __name__ == "__main__":
    main()
