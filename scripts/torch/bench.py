"""Takes training steps for `npm run bench` in PyTorch: one JSON request a line on stdin, one JSON answer a line on stdout.

The benchmark starts it and hands over networks as graphs (src/models/net/graph.ts), weights and batches as safetensors.
Eager float32, or torch.compile where it is asked for; on CUDA where there is one, else on as many threads as are named.
"""

import json
import struct
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

EPSILON = 1e-5


def read_tensors(file):
    """Tensors by name out of a safetensors file of float32."""
    data = open(file, "rb").read()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    out = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        start, end = (8 + length + at for at in entry["data_offsets"])
        out[name] = torch.from_numpy(np.frombuffer(data[start:end], dtype="<f4").reshape(entry["shape"]).copy())
    return out


def write_tensors(file, tensors):
    header, chunks, at = {}, [], 0
    for name, tensor in tensors.items():
        raw = tensor.detach().to("cpu", torch.float32).contiguous().numpy().tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [at, at + len(raw)]}
        chunks.append(raw)
        at += len(raw)
    text = json.dumps(header).encode()
    with open(file, "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text + b"".join(chunks))


def to_torch(tensor):
    """Filters [height, width, in, out] as [out, in, height, width]; all else stays."""
    return tensor.permute(3, 2, 0, 1).contiguous() if tensor.dim() == 4 else tensor


def to_engine(tensor):
    return tensor.permute(2, 3, 1, 0).contiguous() if tensor.dim() == 4 else tensor


def images_first(x):
    return x.permute(0, 3, 1, 2).contiguous() if x.dim() == 4 else x


def forward(nodes, weights, x, training):
    """The network's last value; batch norm by the batch (its moving statistics moved in place) or by the statistics."""
    values = {"input": x}
    for node in nodes:
        name, op, a = node["name"], node["op"], values[node["input"]]
        if op == "conv":
            y = F.conv2d(a, weights[f"{name}.weight"], stride=node["stride"], padding=node["pad"])
        elif op == "norm":
            parts = [weights[f"{name}.{part}"] for part in ("mean", "variance", "gamma", "beta")]
            y = F.batch_norm(a, *parts, training=training, momentum=0.1, eps=EPSILON)
        elif op == "relu":
            y = F.relu(a)
        elif op == "tanh":
            y = torch.tanh(a)
        elif op == "add":
            y = a + values[node["other"]]
        elif op == "pool":
            y = a.mean((2, 3))
        else:
            y = a @ weights[f"{name}.weight"] + weights[f"{name}.bias"]
        values[name] = y
    return y


class Run:
    """One network in training, as the benchmark's first request describes it."""

    def __init__(self, request):
        self.device = torch.device(request["device"])
        torch.set_num_threads(request["threads"])
        torch.backends.cudnn.benchmark = True
        # What is compared is float32.
        torch.backends.cuda.matmul.allow_tf32 = False
        torch.backends.cudnn.allow_tf32 = False
        self.request = request
        tensors = read_tensors(request["file"])
        self.student = self.weights(tensors, "student")
        self.trained = {k: v for k, v in self.student.items() if not k.endswith((".mean", ".variance"))}
        for value in self.trained.values():
            value.requires_grad_()
        teacher = self.weights(tensors, "teacher")
        arm = request["arm"]
        self.answers = None
        if arm == "kd":
            with torch.no_grad():
                whole = images_first(tensors["set"].to(self.device))
                self.answers = forward(request["teacher"], teacher, whole, False)
        self.teacher = teacher if arm == "xcl" else None
        self.optimizer = torch.optim.SGD(list(self.trained.values()), request["rate"], request["momentum"])
        self.loss = torch.compile(self.loss_of) if request["compile"] else self.loss_of

    def weights(self, tensors, whose):
        prefix = f"{whose}/"
        return {k[len(prefix) :]: to_torch(v).to(self.device) for k, v in tensors.items() if k.startswith(prefix)}

    def loss_of(self, x, targets, taught):
        request = self.request
        logits = forward(request["student"], self.student, x, True)
        ce = -(targets * F.log_softmax(logits, 1)).sum() / len(x)
        if taught is None:
            return ce
        t = request["temperature"]
        log_p, log_q = F.log_softmax(taught / t, 1), F.log_softmax(logits / t, 1)
        kl = F.kl_div(log_q, log_p, reduction="batchmean", log_target=True) * t * t
        return kl if request["arm"] == "xcl" else (1 - request["alpha"]) * ce + request["alpha"] * kl

    def step(self, x, targets, rows):
        x, targets = images_first(x.to(self.device)), targets.to(self.device)
        taught = None
        if self.teacher is not None:
            with torch.no_grad():
                taught = forward(self.request["teacher"], self.teacher, x, False)
        elif self.answers is not None:
            taught = self.answers[rows.to(self.device)]
        self.optimizer.zero_grad(set_to_none=True)
        self.loss(x, targets, taught).backward()
        self.optimizer.step()

    def finish(self):
        if self.device.type == "cuda":
            torch.cuda.synchronize()

    def steps(self, count, file):
        tensors = read_tensors(file)
        batches = [(tensors[f"x/{i}"], tensors[f"targets/{i}"], tensors[f"rows/{i}"].long()) for i in range(count)]
        self.finish()
        cpu, started = time.process_time(), time.perf_counter()
        js = 0.0
        for batch in batches:
            called = time.perf_counter()
            self.step(*batch)
            js += time.perf_counter() - called
        self.finish()
        ms = (time.perf_counter() - started) * 1000
        return {"ms": ms, "jsMs": js * 1000, "cpuMs": (time.process_time() - cpu) * 1000}

    def describe(self):
        cuda = self.device.type == "cuda"
        threads = torch.get_num_threads()
        words = torch.cuda.get_device_name() if cuda else f"{threads} thread{'s' if threads > 1 else ''}"
        return {"device": words, "versions": {"torch": torch.__version__}}


def main():
    run = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["do"] == "start":
                run = Run(request)
                reply = run.describe()
            elif request["do"] == "steps":
                reply = run.steps(request["count"], request["file"])
            else:
                write_tensors(request["file"], {k: to_engine(v) for k, v in run.trained.items()})
                reply = {}
        except Exception as error:  # Whatever it is becomes a sentence in the benchmark's table.
            reply = {"error": f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"}
        print(json.dumps(reply), flush=True)


main()
