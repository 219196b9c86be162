"""PyTorch twins of the networks in src/models, with the same tensor names.

Convolutions carry no bias, padding is explicit (1 for 3x3, 0 for 1x1), batch norm uses momentum 0.1
(PyTorch's complement of 0.9) and epsilon 1e-5, and a 1x1 convolution with batch norm stands on the
shortcut wherever the shape changes.
"""

import torch
import torch.nn.functional as F
from torch import nn

DEPTHS = {"resnet8": 1, "resnet14": 2, "resnet20": 3, "resnet56": 9}


class Block(nn.Module):
    """Two 3x3 convolutions with batch norm; `project` is the 1x1 shortcut where the shape changes."""

    def __init__(self, cin, cout, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(cin, cout, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(cout)
        self.conv2 = nn.Conv2d(cout, cout, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(cout)
        self.project = None
        if stride != 1 or cin != cout:
            self.project = nn.Conv2d(cin, cout, 1, stride, 0, bias=False)
            self.projectNorm = nn.BatchNorm2d(cout)

    def forward(self, x):
        y = F.relu(self.norm1(self.conv1(x)))
        y = self.norm2(self.conv2(y))
        short = x if self.project is None else self.projectNorm(self.project(x))
        return F.relu(y + short)


class ResNet(nn.Module):
    """CIFAR ResNet 6n+2: a 3x3 stem, three stages of n basic blocks, global average pooling, a linear head."""

    def __init__(self, depth, widths, stem_stride, classes, channels=3):
        super().__init__()
        self.stem = nn.Module()
        self.stem.conv = nn.Conv2d(channels, widths[0], 3, stem_stride, 1, bias=False)
        self.stem.norm = nn.BatchNorm2d(widths[0])
        cin = widths[0]
        for stage, cout in enumerate(widths[1:], start=1):
            blocks = nn.Module()
            for index in range(depth):
                stride = 2 if stage > 1 and index == 0 else 1
                setattr(blocks, f"block{index + 1}", Block(cin, cout, stride))
                cin = cout
            setattr(self, f"stage{stage}", blocks)
        self.depth = depth
        self.head = nn.Linear(cin, classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x):
        x = F.relu(self.stem.norm(self.stem.conv(x)))
        for stage in (self.stage1, self.stage2, self.stage3):
            for index in range(self.depth):
                x = getattr(stage, f"block{index + 1}")(x)
        return self.head(x.mean((2, 3)))


def build(model, classes):
    """Builds the twin of a recipe's `model` entry ({id, params}); only the ResNets have one."""
    params = model["params"]
    return ResNet(DEPTHS[model["id"]], params["widths"], params["stemStride"], classes)


def to_engine(net):
    """Weights under the engine's names and layouts: HWIO convolutions, [in, out] dense, four vectors per norm."""
    out = {}
    for name, module in net.named_modules():
        if isinstance(module, nn.Conv2d):
            out[f"{name}.weight"] = module.weight.detach().permute(2, 3, 1, 0).contiguous()
        elif isinstance(module, nn.BatchNorm2d):
            out[f"{name}.gamma"] = module.weight.detach()
            out[f"{name}.beta"] = module.bias.detach()
            out[f"{name}.mean"] = module.running_mean
            out[f"{name}.variance"] = module.running_var
        elif isinstance(module, nn.Linear):
            out[f"{name}.weight"] = module.weight.detach().t().contiguous()
            out[f"{name}.bias"] = module.bias.detach()
    return {k: v.to(torch.float32).contiguous() for k, v in out.items()}
