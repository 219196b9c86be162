"""Small networks whose names tell nothing, as state dicts and as pickled models, and what they answer.

Usage: python3 golden_plain.py, in the repository's root. Writes tests/golden/plain/*.pth and tests/golden/plain.json.
Weights and statistics are drawn from a seed, inputs are x[i] = sin(0.37 i) in PyTorch's order, answers are computed in
float64. "forward" says in words what each network does between its layers: no state dict does.
"""

import collections
import json
import os

import torch
import torch.nn.functional as F
from torch import nn

from golden_files import drawn

OUT = os.path.join("tests", "golden", "plain")


class Mlp(nn.Module):
    """Dense layers with tanh between them, under names that no family has."""

    def __init__(self):
        super().__init__()
        self.input = nn.Linear(49, 12)
        self.middle = nn.Linear(12, 12)
        self.out = nn.Linear(12, 4)

    def forward(self, x):
        return self.out(torch.tanh(self.middle(torch.tanh(self.input(x.flatten(1))))))


class Tutorial(nn.Module):
    """Two convolutions of 5x5 without padding, each with a 2x2 max pool, and three dense layers."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 4, 5)
        self.pool = nn.MaxPool2d(2, 2)
        self.conv2 = nn.Conv2d(4, 6, 5)
        self.fc1 = nn.Linear(6 * 5 * 5, 14)
        self.fc2 = nn.Linear(14, 9)
        self.fc3 = nn.Linear(9, 5)

    def forward(self, x):
        x = self.pool(F.relu(self.conv1(x)))
        x = self.pool(F.relu(self.conv2(x)))
        return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x.flatten(1))))))


class Normed(nn.Module):
    """Convolutions with batch norm behind their activation, mean pools, a norm over the list; norms are defined last."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 4, 3, padding=1)
        self.conv2 = nn.Conv2d(4, 6, 3, padding=1)
        self.fc1 = nn.Linear(6 * 7 * 7, 8)
        self.fc2 = nn.Linear(8, 3)
        self.bn1 = nn.BatchNorm2d(4)
        self.bn2 = nn.BatchNorm2d(6)
        self.flat_bn = nn.BatchNorm1d(6 * 7 * 7)

    def forward(self, x):
        x = F.avg_pool2d(self.bn1(F.elu(self.conv1(x))), 2)
        x = F.avg_pool2d(self.bn2(F.elu(self.conv2(x))), 2)
        return self.fc2(F.elu(self.fc1(self.flat_bn(x.flatten(1)))))


class Blocks(nn.Module):
    """Pairs of 3x3 convolutions with batch norm, a max pool behind each pair, a mean over the image; defined backwards."""

    def __init__(self):
        super().__init__()
        self.head = nn.Linear(8, 4)
        self.d = nn.Conv2d(8, 8, 3, padding=1, bias=False)
        self.d_norm = nn.BatchNorm2d(8)
        self.c = nn.Conv2d(6, 8, 3, padding=1, bias=False)
        self.c_norm = nn.BatchNorm2d(8)
        self.b = nn.Conv2d(4, 6, 3, padding=1, bias=False)
        self.b_norm = nn.BatchNorm2d(6)
        self.a = nn.Conv2d(3, 4, 3, padding=1, bias=False)
        self.a_norm = nn.BatchNorm2d(4)

    def forward(self, x):
        x = F.relu(self.b_norm(self.b(F.relu(self.a_norm(self.a(x))))))
        x = F.max_pool2d(x, 2)
        x = F.relu(self.d_norm(self.d(F.relu(self.c_norm(self.c(x))))))
        return self.head(F.max_pool2d(x, 2).mean((2, 3)))


class Strided(nn.Module):
    """Its convolutions say their strides and margins only where the whole model is pickled; PReLU's slopes are weights."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 4, 4, stride=2, padding=1)
        self.second = nn.Conv2d(4, 6, 3, stride=2, padding=0)
        self.slope = nn.PReLU(6)
        self.act = nn.LeakyReLU(0.2)
        self.norm = nn.BatchNorm2d(4, eps=1e-3)
        self.out = nn.Linear(6 * 3 * 3, 4)

    def forward(self, x):
        return self.out(self.slope(self.second(self.act(self.norm(self.first(x))))).flatten(1))


class Parts(nn.Module):
    """Two sequences, called in the order in which they are defined; what stands between them is written in forward."""

    def __init__(self):
        super().__init__()
        self.block_1 = nn.Sequential(nn.Conv2d(1, 4, 3), nn.GELU(), nn.Conv2d(4, 4, 3), nn.GELU(), nn.MaxPool2d(2))
        self.block_2 = nn.Sequential(nn.Conv2d(4, 6, 3, padding=1), nn.SiLU(), nn.AvgPool2d(3, 2, 1))
        self.classifier = nn.Sequential(nn.Dropout(0.3), nn.Linear(6 * 4 * 4, 5))

    def forward(self, x):
        return self.classifier(self.block_2(self.block_1(x)).flatten(1))


def sequence():
    """Standard layers of many kinds one behind the other."""
    return nn.Sequential(
        nn.Conv2d(3, 4, 3, padding="same", bias=False),
        nn.BatchNorm2d(4, eps=1e-3),
        nn.LeakyReLU(0.2),
        nn.MaxPool2d(3, 2, ceil_mode=True),
        nn.Sequential(nn.Conv2d(4, 8, 3, stride=2, padding=1, groups=2), nn.Hardswish()),
        nn.AdaptiveAvgPool2d((2, 2)),
        nn.Flatten(),
        nn.Dropout(),
        nn.Linear(32, 6),
        nn.PReLU(),
        nn.Linear(6, 5),
        nn.Softmax(dim=1),
    )


def main():
    os.makedirs(OUT, exist_ok=True)
    golden = {}

    def keep(name, net, channels, side, seed, whole=False, pack=lambda state: state, legacy=False):
        drawn(net, seed)
        generator = torch.Generator().manual_seed(seed)
        for module in net.modules():
            if isinstance(module, nn.PReLU):
                module.weight.data.uniform_(-0.5, 0.5, generator=generator)
            if isinstance(module, nn.BatchNorm1d):
                for values, low, high in ((module.weight, 0.5, 1.5), (module.bias, -0.3, 0.3), (module.running_mean, -0.3, 0.3), (module.running_var, 0.5, 1.5)):
                    values.data.uniform_(low, high, generator=generator)
        saved = pack(net) if whole else pack(net.state_dict())
        torch.save(saved, os.path.join(OUT, name), _use_new_zipfile_serialization=not legacy)
        x = torch.sin(0.37 * torch.arange(2 * channels * side * side, dtype=torch.float64)).float()
        with torch.no_grad():
            logits = net.double()(x.reshape(2, channels, side, side).double())
        golden[name] = {"channels": channels, "side": side, "logits": [[round(v, 7) for v in row] for row in logits.tolist()]}
        net.float()

    keep("mlp.pth", Mlp(), 1, 7, 21)
    keep("tutorial.pth", Tutorial(), 3, 32, 22, legacy=True)
    keep("normed.pth", Normed(), 1, 28, 23, pack=lambda state: {"state_dict": [state], "acc": torch.tensor(0.5), "epoch": 3})
    keep("blocks.pth", Blocks(), 3, 32, 24)
    keep("strided.pth", Strided(), 3, 16, 25, whole=True)
    keep("parts.pth", Parts(), 1, 20, 26, whole=True, pack=lambda net: {"model": net, "epoch": 1})
    keep("sequence.pth", sequence(), 3, 32, 27, whole=True)
    keep("sequence-parallel.pth", sequence(), 3, 32, 28, whole=True, pack=nn.DataParallel)
    keep("sequence-state.pth", nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 10)), 3, 32, 29)

    # Files that are to be refused.
    torch.save(collections.OrderedDict(acc=torch.tensor(0.5)), os.path.join(OUT, "figure.pth"))
    torch.save({"a.weight": torch.zeros(4, 3, 3, 3), "b.weight": torch.zeros(9, 7, 3, 3)}, os.path.join(OUT, "apart.pth"))
    torch.save(nn.Sequential(nn.Conv2d(1, 4, 3), nn.GroupNorm(2, 4)), os.path.join(OUT, "unread.pth"))
    with open(os.path.join("tests", "golden", "plain.json"), "w") as file:
        json.dump(golden, file)
        file.write("\n")


if __name__ == "__main__":
    main()
