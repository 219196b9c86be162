"""Small HDF5 files of h5py, and small networks as Keras writes them: tests/golden/keras/*.

Run by hand (made with h5py 3.14 and Keras 3.15.1 on TensorFlow 2.21):
    python scripts/keras/golden_files.py
The numbers in the HDF5 files are 0, 1, 2, ... in order, so that a test knows them without this script.
"""

import io
import json
import os
import zipfile
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import h5py
import keras
import numpy as np
from keras import layers as L

OUT = Path(__file__).resolve().parents[2] / "tests" / "golden" / "keras"
OUT.mkdir(exist_ok=True)


def count(*shape):
    return np.arange(int(np.prod(shape))).reshape(shape)


with h5py.File(OUT / "default.h5", "w") as f:
    for kind in ("<f2", "<f4", ">f4", "<f8", ">f8", "<i1", ">i2", "<i4", "<i8", "<u1", "<u2", ">u4", "<u8"):
        f[f"types/{kind[1:]}{'le' if kind[0] == '<' else 'be'}"] = count(2, 3).astype(kind)
    f["types/truth"] = count(2, 3) % 2 == 1
    f["types/single"] = np.float32(7)
    f["types/empty"] = np.zeros((0, 3), "f4")
    f["types/bfloat16"] = (count(6).astype("f4").view("u4") >> 16).astype("u2").view("V2")
    f.create_dataset("packed/deflate", data=count(7, 9).astype("f4"), chunks=(3, 4), compression="gzip")
    f.create_dataset("packed/all", data=count(5, 6, 3).astype("f4"), chunks=(2, 6, 2), compression="gzip", shuffle=True, fletcher32=True)
    f.create_dataset("packed/plain", data=count(10).astype("f4"), chunks=(4,))
    f.create_dataset("packed/many", data=count(300).astype("f4"), chunks=(2,))
    f.create_dataset("packed/lzf", data=count(300).astype("f4"), compression="lzf")
    f.create_dataset("packed/gaps", shape=(10,), dtype="f4", chunks=(4,))[:4] = 1
    f.create_dataset("packed/unwritten", shape=(10,), dtype="f4")
    compound = np.dtype([("a", "f4"), ("b", "i4")])
    f["types/compound"] = np.zeros(2, compound)
    for i in range(40):
        f[f"many/member{i}"] = np.float32(i)
    f["soft"] = h5py.SoftLink("/types/f4le")
    f.attrs["long"] = "a" * 66_000
    f.attrs["words"] = ["one", "twö", ""]
    f.attrs["bytes"] = np.array([b"ab", b"abc", b""])
    f.attrs["nothing"] = np.array([])
    f.attrs["number"] = 3.5
    compact = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    compact.set_layout(h5py.h5d.COMPACT)
    space = h5py.h5s.create_simple((6,))
    h5py.h5d.create(f.id, b"compact", h5py.h5t.IEEE_F32LE, space, compact).write(h5py.h5s.ALL, h5py.h5s.ALL, count(6).astype("f4"))

with h5py.File(OUT / "latest.h5", "w", libver="latest") as f:
    f["layers/a/vars/0"] = count(2, 3).astype("f4")
    f["layers/a"].attrs["words"] = ["one", "two"]
    f.create_dataset("single", data=count(4, 5).astype("f4"), chunks=(4, 5))
    f.create_dataset("packed", data=count(4, 5).astype("f4"), chunks=(4, 5), compression="gzip", shuffle=True)
    f.create_dataset("fixed", data=count(8, 5).astype("f4"), chunks=(4, 5))
    for i in range(20):
        f[f"many/{i}"] = np.float32(i)

with h5py.File(OUT / "userblock.h5", "w", userblock_size=512) as f:
    f["a/b"] = count(2, 3).astype("f4")
    f.attrs["words"] = ["one", "two"]

random = np.random.default_rng(11)
inner = keras.Sequential([keras.Input((5, 5, 3)), L.SeparableConv2D(3, 3, padding="same"), L.BatchNormalization(), L.ReLU()], name="inner")
x = keras.Input((5, 5, 3), name="image")
y = L.RandomFlip(name="flip")(x)
y = L.Conv2D(3, 3, padding="same", activation="gelu")(y)
z = inner(y)
y = L.Add()([y, z])
z = L.DepthwiseConv2D(2)(y)
y = L.PReLU(shared_axes=[1, 2])(L.Conv2D(3, 2)(y))
y = L.Concatenate()([y, z])
y = L.Dropout(0.5)(L.GlobalAveragePooling2D()(y))
y = L.Dense(4, name="head")(y)
model = keras.Model(x, y, name="tiny")
for weight in model.weights:
    if "seed" not in weight.path:
        weight.assign(np.abs(random.normal(0, 0.5, weight.shape)) + 0.1)
model.save(OUT / "tiny.keras")
model.save(OUT / "tiny.h5", include_optimizer=False)
model.save_weights(OUT / "tiny.weights.h5")


def aged(path, out):
    """The same file as older versions wrote it: no names beside the weights, another folder, numbers left out."""
    with zipfile.ZipFile(path) as z:
        parts = {name: z.read(name) for name in z.namelist()}
    inside = io.BytesIO(parts["model.weights.h5"])
    with h5py.File(inside, "r+") as f:

        def visit(group):
            group.attrs.pop("name", None)
            if "layers" in group:
                for name in list(group["layers"]):
                    if name.endswith("_1"):
                        group["layers"].move(name, name[:-1] + "3")
                group.move("layers", "_layer_checkpoint_dependencies")
            for member in list(group.values()):
                if isinstance(member, h5py.Group):
                    visit(member)

        visit(f)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, data in parts.items():
            z.writestr(name, inside.getvalue() if name.endswith(".h5") else data)


aged(OUT / "tiny.keras", OUT / "aged.keras")
half = keras.Sequential([keras.Input((3,)), L.Dense(2, dtype="float16"), L.Dense(2, dtype="bfloat16")], name="half")
for weight in half.weights:
    weight.assign(random.normal(0, 0.5, weight.shape))
half.save(OUT / "half.keras")
image = random.normal(0, 1, (2, 5, 5, 3)).astype("float32")
row = random.normal(0, 1, (2, 3)).astype("float32")
flat = lambda values: [float(f"{v:.9g}") for v in np.asarray(values, "float32").flatten()]
text = json.dumps({
    "tiny": {"x": flat(image), "y": flat(model(image, training=False))},
    "half": {"x": flat(row), "weights": [flat(w.numpy()) for w in half.weights]},
})
(OUT / "answers.json").write_text(text + "\n")
