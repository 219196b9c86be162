"""Writes tests/golden/teachers.json: what the PyTorch twins of the bundled ResNet teachers answer to 16 generated images.

    npm run records -- C DIR && /usr/bin/python3 scripts/torch/teacher_logits.py DIR > tests/golden/teachers.json

The images are the first 16 test images of the shapes task, preset C, for every teacher (the CIFAR one included), each
normalised as its own task does; so the comparison needs no data set.
"""

import json
import struct
import sys

import numpy as np
import torch

from nets import build

# The constants of src/tasks.
NORMALISATION = {
    "shapes": ([0.5] * 3, [0.25] * 3),
    "cifar10": ([0.492887, 0.482861, 0.446702], [0.246437, 0.243747, 0.261128]),
}


def read_safetensors(path):
    raw = open(path, "rb").read()
    length = struct.unpack("<Q", raw[:8])[0]
    header = json.loads(raw[8:8 + length])
    header.pop("__metadata__", None)
    data = raw[8 + length:]
    return {name: np.frombuffer(data[entry["data_offsets"][0]:entry["data_offsets"][1]], "<f4").reshape(entry["shape"])
            for name, entry in header.items()}


def from_engine(net, weights):
    """Puts weights in the engine's names and layouts into the twin; every parameter and statistic must be there."""
    state = {}
    for name, value in net.state_dict().items():
        if name.endswith("num_batches_tracked"):
            state[name] = value
            continue
        module, _, part = name.rpartition(".")
        if value.dim() == 4:
            found = torch.tensor(weights[f"{module}.weight"]).permute(3, 2, 0, 1)
        elif value.dim() == 2:
            found = torch.tensor(weights[f"{module}.weight"]).t()
        elif module == "head":
            found = torch.tensor(weights["head.bias"])
        else:
            role = {"weight": "gamma", "bias": "beta", "running_mean": "mean", "running_var": "variance"}[part]
            found = torch.tensor(weights[f"{module}.{role}"])
        assert found.shape == value.shape, name
        state[name] = found
    net.load_state_dict(state)


def main():
    raw = np.fromfile(f"{sys.argv[1]}/test.bin", dtype=np.uint8).reshape(-1, 3073)[:16, 1:].reshape(16, 3, 32, 32)
    pixels = torch.tensor(raw.copy()).double() / 255
    out = {}
    for card in json.load(open("public/teachers/cards.json")):
        if not card["model"]["id"].startswith("resnet"):
            continue
        net = build(card["model"], 10)
        from_engine(net, read_safetensors(f"public/teachers/{card['id']}.safetensors"))
        net.double().eval()
        mean, std = NORMALISATION[card["task"]["id"]]
        x = (pixels - torch.tensor(mean).view(1, 3, 1, 1)) / torch.tensor(std).view(1, 3, 1, 1)
        with torch.no_grad():
            out[card["id"]] = {"sha256": card["sha256"], "logits": [[round(v, 6) for v in row] for row in net(x).tolist()]}
    print(json.dumps(out))


if __name__ == "__main__":
    main()
