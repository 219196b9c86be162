"""Trains a teacher on 32x32 images from a teacher recipe, on the CPU, and writes it in the engine's format.

    /usr/bin/python3 scripts/torch/train_teacher.py recipes/teachers/cifar10.json --data DIR --out public/teachers/cifar10

writes OUT.safetensors, OUT.json (recipe, data, accuracies) and OUT.logits.json (16 test images' logits, which the
engine's test compares to 1e-4); `npm run teach -- RECIPE --weights OUT.safetensors` then makes the bundled teacher. DIR holds train.bin and test.bin in CIFAR-10's
record format and, where known, test_index.csv with a `lossless` column. A checkpoint beside OUT lets a broken-off
run go on. This is the long way round that `npm run teach -- RECIPE` also walks, only faster on a CPU.
"""

import argparse
import csv
import json
import math
import os
import struct
import time

import numpy as np
import torch
import torch.nn.functional as F

from nets import build, to_engine


def read_records(path):
    """CIFAR-10 records: uint8 images [N, 3, 32, 32] and labels [N]."""
    raw = np.fromfile(path, dtype=np.uint8).reshape(-1, 3073)
    return torch.from_numpy(raw[:, 1:].reshape(-1, 3, 32, 32).copy()), torch.from_numpy(raw[:, 0].astype(np.int64))


def crop_flip(padded, rows, pad, generator):
    """Random crops of 32x32 out of zero-padded images, half of them mirrored."""
    n = len(rows)
    top = torch.randint(0, 2 * pad + 1, (n, 1, 1), generator=generator)
    left = torch.randint(0, 2 * pad + 1, (n, 1, 1), generator=generator)
    flip = torch.rand(n, 1, 1, generator=generator) < 0.5
    ys = top + torch.arange(32).view(1, 32, 1)
    xs = torch.arange(32).view(1, 1, 32)
    xs = left + torch.where(flip, 31 - xs, xs)
    return padded[rows.view(n, 1, 1), ys, xs].permute(0, 3, 1, 2)


def evaluate(net, x, y):
    """Accuracy, NLL in nats, and the logits [N, C], in inference mode."""
    net.eval()
    with torch.no_grad():
        logits = torch.cat([net(part) for part in x.split(250)])
    net.train()
    return (logits.argmax(1) == y).float().mean().item(), F.cross_entropy(logits, y).item(), logits


def save_safetensors(path, tensors, metadata):
    """float32 little-endian tensors under an 8-byte length and a JSON header (the safetensors format)."""
    header, offset = {"__metadata__": metadata}, 0
    for name, tensor in tensors.items():
        size = tensor.numel() * 4
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for tensor in tensors.values():
            file.write(tensor.numpy().astype("<f4").tobytes())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recipe")
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", required=True)
    args = parser.parse_args()
    recipe = json.load(open(args.recipe))
    torch.manual_seed(recipe["seed"])
    generator = torch.Generator().manual_seed(recipe["seed"])

    train_x, train_y = read_records(os.path.join(args.data, "train.bin"))
    test_x, test_y = read_records(os.path.join(args.data, "test.bin"))
    floats = train_x.float() / 255
    if recipe["task"]["id"] == "shapes":
        # The generated task states its normalisation; CIFAR's was measured on the training set.
        mean, std = torch.full((3,), 0.5), torch.full((3,), 0.25)
    else:
        mean, std = floats.mean((0, 2, 3)), floats.std((0, 2, 3), unbiased=False)
    shape = (1, 3, 1, 1)
    normal = (floats - mean.view(shape)) / std.view(shape)
    test = ((test_x.float() / 255 - mean.view(shape)) / std.view(shape)).contiguous(memory_format=torch.channels_last)
    pad = recipe["pad"]
    padded = F.pad(normal, (pad,) * 4).permute(0, 2, 3, 1).contiguous()
    del floats, normal

    net = build(recipe["model"], 10).to(memory_format=torch.channels_last)
    o, steps, batch = recipe["optimizer"], recipe["steps"], recipe["batch"]
    decayed = [p for p in net.parameters() if p.dim() > 1]
    plain = [p for p in net.parameters() if p.dim() <= 1]
    optimizer = torch.optim.SGD(
        [{"params": decayed, "weight_decay": o["weightDecay"]}, {"params": plain, "weight_decay": 0}],
        lr=o["rate"], momentum=o["momentum"], nesterov=o["nesterov"])

    start, order, seconds, checkpoint = 0, torch.empty(0, dtype=torch.long), 0.0, args.out + ".checkpoint.pt"
    if os.path.exists(checkpoint):
        saved = torch.load(checkpoint)
        net.load_state_dict(saved["net"]); optimizer.load_state_dict(saved["optimizer"])
        generator.set_state(saved["generator"]); start, order, seconds = saved["step"], saved["order"], saved["seconds"]
    began = time.time() - seconds
    # Stochastic weight averaging (Izmailov et al. 2018): on at a constant rate, and the mean of the weights on the way.
    finish = recipe.get("finish", {"steps": 0, "rate": 0, "every": 1})
    total, means, taken = steps + finish["steps"], None, 0

    def next_batch():
        nonlocal order
        if len(order) < batch:
            order = torch.cat([order, torch.randperm(len(train_y), generator=generator)])
        rows, order = order[:batch], order[batch:]
        return crop_flip(padded, rows, pad, generator).contiguous(memory_format=torch.channels_last), train_y[rows]

    for step in range(start, total):
        x, y = next_batch()
        warm = min(1.0, (step + 1) / o["warmup"]) if o["warmup"] else 1.0
        rate = o["rate"] * warm * 0.5 * (1 + math.cos(math.pi * step / steps)) if step < steps else finish["rate"]
        for group in optimizer.param_groups:
            group["lr"] = rate
        loss = F.cross_entropy(net(x), y)
        optimizer.zero_grad(); loss.backward(); optimizer.step()
        if step >= steps and (step + 1 - steps) % finish["every"] == 0:
            taken += 1
            now = [p.detach().clone() for p in net.parameters()]
            means = now if means is None else [m + (p - m) / taken for m, p in zip(means, now)]
        if (step + 1) % 500 == 0 or step + 1 == steps:
            accuracy, nll, _ = evaluate(net, test, test_y)
            print(f"step {step + 1}/{total} loss {loss.item():.3f} test {accuracy:.4f} nll {nll:.3f} {time.time() - began:.0f} s", flush=True)
            if step >= steps:
                continue
            torch.save({"net": net.state_dict(), "optimizer": optimizer.state_dict(), "generator": generator.get_state(),
                        "step": step + 1, "order": order, "seconds": time.time() - began}, checkpoint)

    if means is not None:
        with torch.no_grad():
            for p, m in zip(net.parameters(), means):
                p.copy_(m)
            # The averaged weights have no batch norm statistics yet: a plain mean over fresh batches.
            norms = [m for m in net.modules() if isinstance(m, torch.nn.BatchNorm2d)]
            for norm in norms:
                norm.reset_running_stats()
                norm.momentum = None
            for _ in range(100):
                net(next_batch()[0])
    accuracy, nll, logits = evaluate(net, test, test_y)
    hits = (logits.argmax(1) == test_y).numpy()
    card = {"recipe": recipe, "trainedBy": "scripts/torch/train_teacher.py, PyTorch " + torch.__version__,
            "seconds": round(time.time() - began), "trainImages": len(train_y), "testImages": len(test_y),
            "normalisation": {"mean": [round(v, 6) for v in mean.tolist()], "std": [round(v, 6) for v in std.tolist()]},
            "accuracy": {"test": accuracy}, "nll": nll}
    index = os.path.join(args.data, "test_index.csv")
    if os.path.exists(index):
        lossless = np.array([row["lossless"] == "1" for row in csv.DictReader(open(index))])
        card["accuracy"]["testLossless"] = float(hits[lossless].mean())
        card["accuracy"]["testJpeg"] = float(hits[~lossless].mean())
    save_safetensors(args.out + ".safetensors", to_engine(net), {"model": json.dumps(recipe["model"]), "classes": "10"})
    json.dump(card, open(args.out + ".json", "w"), indent=2)
    json.dump({"images": 16, "logits": [[round(v, 6) for v in row] for row in logits[:16].tolist()]}, open(args.out + ".logits.json", "w"))
    print(json.dumps(card["accuracy"]))


if __name__ == "__main__":
    main()
