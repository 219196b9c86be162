"""Writes src/gpu/selftest.json: loss and gradients of the self-test's network in float64.

    /usr/bin/python3 scripts/torch/selftest.py > src/gpu/selftest.json
"""

import json
import math

import torch
import torch.nn.functional as F

SHAPES = [[3, 3, 3, 4], [4], [4], [3, 3, 4, 4], [1, 1, 4, 4], [4, 5], [5]]


def wave(shape, a, b, c):
    size = math.prod(shape)
    return (torch.sin(a * torch.arange(size, dtype=torch.float64) + b) * c).reshape(shape)


def conv(x, w, stride, pad):
    return F.conv2d(x, w.permute(3, 2, 0, 1), stride=stride, padding=pad)


weights = [wave(shape, 0.7 + 0.1 * i, i, 0.5).requires_grad_() for i, shape in enumerate(SHAPES)]
stem, gamma, beta, inner, project, head, bias = weights
x = wave([2, 8, 8, 3], 0.37, 0.2, 1).permute(0, 3, 1, 2)
teacher = wave([2, 5], 1.3, 0.5, 3)
a = F.relu(F.batch_norm(conv(x, stem, 2, 1), None, None, gamma, beta, training=True, eps=1e-5))
pooled = F.relu(conv(a, inner, 1, 1) + conv(a, project, 1, 0)).mean((2, 3))
logits = pooled @ head + bias
loss = F.kl_div(F.log_softmax(logits / 2, 1), F.log_softmax(teacher / 2, 1), reduction="batchmean", log_target=True)
loss.backward()
print(json.dumps({
    "loss": round(loss.item(), 9),
    "weights": [{"shape": shape, "gradient": [round(v, 9) for v in w.grad.flatten().tolist()]} for shape, w in zip(SHAPES, weights)],
}))
