"""Writes tests/golden/destseg.json: losses, gradients, resizing and figures for the anomaly detector's tests.

    /usr/bin/python3 scripts/torch/golden_destseg.py

Written from the formulas in PyTorch's own functions, in float64; figures by counting every pair and every threshold.
Inputs are waves, c sin(a i + b) + d, which the tests make themselves.
"""

import json
import os

import torch
import torch.nn.functional as F

from golden import flat, wave

OUT = os.path.join(os.path.dirname(__file__), "..", "..", "tests", "golden", "destseg.json")


def first(x):
    """[n, h, w, c] -> [n, c, h, w]"""
    return x.permute(0, 3, 1, 2)


def features():
    """Step 1's loss and gradient, the student's score and the segmentation network's input."""
    cases = []
    for number, (batch, levels) in enumerate([(1, [[4, 3]]), (2, [[4, 3], [2, 5]]), (3, [[8, 2], [4, 4], [2, 6]])]):
        side = 2 * levels[0][0]
        waves, student, teacher = [], [], []
        for i, (size, channels) in enumerate(levels):
            pair = {"student": [0.7 + 0.1 * i, 0.3 + number, 1.2, 0.4], "teacher": [0.9 - 0.1 * i, 1 + number, 1.5, 0.2]}
            waves.append(pair)
            student.append(wave([batch, size, size, channels], *pair["student"]).requires_grad_())
            teacher.append(wave([batch, size, size, channels], *pair["teacher"]))
        maps = [1 - F.cosine_similarity(s, t, dim=-1) for s, t in zip(student, teacher)]
        loss = sum(m.mean() for m in maps)
        loss.backward()
        up = lambda x, to: F.interpolate(x, size=(to, to), mode="bilinear", align_corners=False)
        product = torch.ones(batch, 1, side, side)
        for m in maps:
            product = product * up(m.unsqueeze(1), side)
        parts = [-F.normalize(s, dim=-1) * F.normalize(t, dim=-1) for s, t in zip(student, teacher)]
        joined = torch.cat([up(first(p), levels[0][0]) for p in parts], 1).permute(0, 2, 3, 1)
        cases.append({"batch": batch, "side": side, "levels": levels, "waves": waves, "loss": flat(loss, 10)[0],
                      "gradients": [flat(s.grad) for s in student], "product": flat(product), "disagreement": flat(joined)})
    return cases


def segmentation():
    """Step 2's loss and gradient at three exponents; pixels from certain to wrong."""
    cases = []
    for gamma, waves in [(0, [1.1, 0.2, 3, 0]), (2, [0.7, 0.5, 4, -1]), (4, [1.3, 1, 8, 0.5])]:
        logits = wave([2, 4, 4, 1], *waves).requires_grad_()
        mask = (wave([2, 4, 4, 1], 0.9, 0.1, 1) > 0.2).double()
        p = torch.sigmoid(logits)
        right = torch.where(mask == 1, p, 1 - p)
        focal = -((1 - right) ** gamma * right.log()).mean()
        loss = focal + F.l1_loss(p, mask)
        loss.backward()
        cases.append({"gamma": gamma, "wave": waves, "mask": [int(m) for m in mask.flatten()], "focal": flat(focal, 10)[0],
                      "loss": flat(loss, 10)[0], "gradient": flat(logits.grad)})
    return cases


def resizing():
    cases = []
    for size, to, channels in [(2, 4, 3), (4, 8, 2), (4, 16, 1), (8, 4, 2), (3, 5, 1)]:
        waves = [0.8, 0.4, 1, 0.1]
        x = wave([1, size, size, channels], *waves).requires_grad_()
        y = F.interpolate(first(x), size=(to, to), mode="bilinear", align_corners=False).permute(0, 2, 3, 1)
        y.backward(wave(list(y.shape), 0.37, 0.1, 1))
        cases.append({"size": size, "to": to, "channels": channels, "wave": waves, "y": flat(y, 7), "dx": flat(x.grad, 7)})
    return cases


def figures():
    """Area under the curve by all pairs, average precision by all thresholds; scores with ties."""
    cases = []
    for number, (count, steps, share) in enumerate([(12, 4, 0.5), (60, 1000, 0.1), (200, 10, 0.3)]):
        generator = torch.Generator().manual_seed(number)
        truth = (torch.rand(count, generator=generator) < share).long()
        scores = torch.rand(count, generator=generator) + 0.3 * truth
        scores = (scores * steps).round() / steps
        faults, others = scores[truth == 1], scores[truth == 0]
        difference = faults.unsqueeze(1) - others.unsqueeze(0)
        auc = ((difference > 0).double() + (difference == 0).double() / 2).mean()
        precision, recall_before, total = 0.0, 0.0, truth.sum()
        for threshold in sorted(set(scores.tolist()), reverse=True):
            chosen = scores >= threshold
            recall = (truth[chosen].sum() / total).item()
            precision += (recall - recall_before) * (truth[chosen].sum() / chosen.sum()).item()
            recall_before = recall
        top = scores.sort(descending=True).values[:7].mean()
        cases.append({"scores": flat(scores, 9), "truth": truth.tolist(), "auc": flat(auc, 9)[0], "precision": precision,
                      "top7": flat(top, 9)[0]})
    return cases


if __name__ == "__main__":
    content = {"features": features(), "segmentation": segmentation(), "resizing": resizing(), "figures": figures()}
    with open(OUT, "w", encoding="utf-8") as file:
        json.dump(content, file, separators=(",", ":"))
        file.write("\n")
