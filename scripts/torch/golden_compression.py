"""Writes tests/golden/compression.json: compressed weights and their gradients from PyTorch in float64.

    /usr/bin/python3 scripts/torch/golden_compression.py

Soft k-means is unrolled in PyTorch's own functions, so that the gradient runs through every iteration; exact clusters
come from a plain quadratic dynamic programme; the rounded grid from torch.round; the low-rank parts from torch.linalg.
"""

import itertools
import json
import os

import torch

from golden import flat, wave

OUT = os.path.join(os.path.dirname(__file__), "..", "..", "tests", "golden", "compression.json")


def dkm():
    """Loss sum(dy * W'), where W' are the soft-clustered weights; the temperature and the first centroids are constants."""
    cases = []
    for n, dim, k, temperature, iterations in ((24, 1, 4, 0.3, 3), (12, 2, 4, 1.0, 3), (20, 1, 8, 0.02, 2), (9, 3, 2, 0.5, 5)):
        waves = {"w": [1.7, 0.3, 1, 0], "centroids": [2.3, 0.1, 0.8, 0.05], "dy": [0.9, 1.1, 1, 0.1]}
        w = wave([n, dim], *waves["w"]).requires_grad_()
        c = wave([k, dim], *waves["centroids"])
        for _ in range(iterations):
            a = torch.softmax(-((w[:, None, :] - c[None, :, :]) ** 2).sum(2) / temperature, 1).clamp(min=1e-7)
            c = (a.t() @ w) / a.sum(0)[:, None]
        used = a @ c
        (used * wave([n, dim], *waves["dy"])).sum().backward()
        cases.append({"n": n, "dim": dim, "k": k, "temperature": temperature, "iterations": iterations, "waves": waves,
                      "used": flat(used), "centroids": flat(c), "gradient": flat(w.grad)})
    return cases


def clusters():
    """The least sum of squares of numbers in k groups: every split of the sorted list is tried."""
    cases = []
    for n, k in ((9, 3), (12, 4), (10, 2)):
        values = sorted(wave([n], 2.7, 0.4, 1, 0).tolist())
        best = None
        for cuts in itertools.combinations(range(1, n), k - 1):
            parts = [values[i:j] for i, j in zip((0, *cuts), (*cuts, n))]
            cost = sum(sum((v - sum(part) / len(part)) ** 2 for v in part) for part in parts)
            if best is None or cost < best[0]:
                best = (cost, [sum(part) / len(part) for part in parts])
        cases.append({"n": n, "k": k, "wave": [2.7, 0.4, 1, 0], "cost": best[0], "centroids": best[1]})
    return cases


def shared():
    """Loss sum(dy * W'), where every weight is replaced by the mean of its group; groups stay as they are."""
    cases = []
    for n, dim, k in ((24, 1, 4), (12, 2, 5), (9, 3, 2)):
        waves = {"w": [1.7, 0.3, 1, 0], "dy": [0.9, 1.1, 1, 0.1]}
        w = wave([n, dim], *waves["w"]).requires_grad_()
        # The last group of the second case stays empty.
        groups = [(7 * i) % min(k, 4) for i in range(n)]
        used = torch.stack([w[[j for j in range(n) if groups[j] == groups[i]]].mean(0) for i in range(n)])
        (used * wave([n, dim], *waves["dy"])).sum().backward()
        cases.append({"n": n, "dim": dim, "k": k, "groups": groups, "waves": waves, "used": flat(used), "gradient": flat(w.grad)})
    return cases


def grid():
    cases = []
    for bits in (2, 3, 4, 8):
        w = wave([3, 3, 2, 5], 0.7, 0.2, 0.6, 0.05)
        scale = w.abs().amax(dim=(0, 1, 2), keepdim=True) / (2 ** (bits - 1) - 1)
        cases.append({"bits": bits, "shape": [3, 3, 2, 5], "wave": [0.7, 0.2, 0.6, 0.05],
                      "values": flat((w / scale).round().clamp(-(2 ** (bits - 1) - 1), 2 ** (bits - 1) - 1) * scale)})
    return cases


def low_rank():
    """Singular values of a matrix, and what is lost by keeping the first few."""
    cases = []
    for rows, columns in ((7, 4), (4, 7), (6, 6)):
        a = wave([rows, columns], 1.9, 0.3, 1, 0) + wave([rows, columns], 0.41, 1, 0.5, 0)
        u, s, v = torch.linalg.svd(a, full_matrices=False)
        rank = 2
        cases.append({"rows": rows, "columns": columns, "waves": [[1.9, 0.3, 1, 0], [0.41, 1, 0.5, 0]], "rank": rank,
                      "singular": flat(s), "product": flat(u[:, :rank] @ torch.diag(s[:rank]) @ v[:rank])})
    return cases


if __name__ == "__main__":
    golden = {"torch": torch.__version__, "dkm": dkm(), "clusters": clusters(), "shared": shared(), "grid": grid(), "lowRank": low_rank()}
    with open(OUT, "w") as file:
        json.dump(golden, file, separators=(",", ":"))
        file.write("\n")
    print(f"{os.path.getsize(OUT)} bytes")
