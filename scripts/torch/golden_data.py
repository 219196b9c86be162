"""Reference files and values for a person's own data: NumPy's files, PNG and JPEG as PIL decodes them, torch's resizing.

Writes tests/golden/data.json. Run: python3 scripts/torch/golden_data.py
"""

import base64
import io
import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps

OUT = Path(__file__).parents[2] / "tests" / "golden" / "data.json"


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def npy(array: np.ndarray) -> dict:
    buffer = io.BytesIO()
    np.save(buffer, array)
    text = array.dtype.kind in "US"
    values = [str(v) for v in array.tolist()] if text else np.ascontiguousarray(array).reshape(-1).tolist()
    return {
        "file": encoded(buffer.getvalue()),
        "shape": list(array.shape),
        "values": values if array.dtype.kind != "S" else [v.decode("ascii") for v in array.tolist()],
        "what": f"{array.dtype.str} {'fortran' if array.flags.f_contiguous and array.ndim > 1 else 'c'}",
    }


def turned() -> list:
    made = []
    for orientation in range(1, 9):
        one = Image.fromarray(picture(8, 16, 3))
        exif = one.getexif()
        exif[0x0112] = orientation
        file = saved(one, "JPEG", quality=95, subsampling=0, exif=exif)
        right = ImageOps.exif_transpose(Image.open(io.BytesIO(file))).convert("RGBA")
        made.append(
            {
                "what": f"orientation {orientation}",
                "file": encoded(file),
                "width": right.width,
                "height": right.height,
                "rgba": encoded(right.tobytes()),
            }
        )
    return made


def arrays() -> list:
    base = np.arange(24).reshape(2, 3, 4)
    kinds = ["u1", "i1", "<u2", ">u2", "<i4", ">i4", "<i8", ">i8", "<f2", "<f4", ">f4", "<f8", ">f8"]
    made = [npy((base - 5 * (np.dtype(kind).kind != "u")).astype(kind)) for kind in kinds]
    made.append(npy(np.asfortranarray(base.astype("f4"))))
    made.append(npy(np.array([True, False, True])))
    made.append(npy(np.array(["ant", "bee", "käfer"])))
    made.append(npy(np.array([b"ant", b"bee"])))
    return made


def npz(compressed: bool) -> dict:
    rng = np.random.default_rng(1)
    train = rng.random((6, 3, 5, 4)).astype("f4")
    test = rng.random((4, 3, 5, 4)).astype("f4")
    buffer = io.BytesIO()
    save = np.savez_compressed if compressed else np.savez
    save(buffer, x_train=train, y_train=np.eye(3)[[0, 1, 2, 2, 1, 0]], x_test=test, y_test=np.array([[0], [1], [2], [0]]))
    pixels = np.concatenate([train, test]).transpose(0, 2, 3, 1)
    return {
        "file": encoded(buffer.getvalue()),
        "pixels": np.floor(pixels * np.float64(255) + 0.5).astype(int).reshape(-1).tolist(),
        "labels": [0, 1, 2, 2, 1, 0, 0, 1, 2, 0],
    }


def picture(height: int, width: int, channels: int) -> np.ndarray:
    """A smooth picture with a dark disc: what JPEG is made for."""
    y, x = np.mgrid[0:height, 0:width] / max(height, width)
    planes = [120 + 100 * np.sin(5 * x + c) * np.cos(4 * y - c) for c in range(channels)]
    image = np.stack(planes, -1)
    image[(x - 0.5) ** 2 + (y - 0.4) ** 2 < 0.04] *= 0.4
    return np.clip(image, 0, 255).astype("u1")


def image(name: str, file: bytes) -> dict:
    decoded = np.asarray(Image.open(io.BytesIO(file)).convert("RGBA"))
    return {
        "what": name,
        "file": encoded(file),
        "width": decoded.shape[1],
        "height": decoded.shape[0],
        "rgba": encoded(decoded.tobytes()),
    }


def saved(picture_: Image.Image, kind: str, **how) -> bytes:
    buffer = io.BytesIO()
    picture_.save(buffer, kind, **how)
    return buffer.getvalue()


def images() -> dict:
    rgb = Image.fromarray(picture(19, 23, 3))
    grey = Image.fromarray(picture(19, 23, 1)[..., 0])
    clear = rgb.copy()
    clear.putalpha(Image.fromarray(picture(19, 23, 2)[..., 1]))
    pngs = {
        "RGB": rgb,
        "grey": grey,
        "RGBA": clear,
        "grey with alpha": clear.convert("LA"),
        "palette": rgb.quantize(16),
        "1 bit": grey.convert("1"),
    }
    jpegs = {
        "4:4:4": {"subsampling": 0},
        "4:2:2": {"subsampling": 1},
        "4:2:0": {"subsampling": 2},
        "progressive 4:2:0": {"subsampling": 2, "progressive": True},
        "progressive 4:4:4": {"subsampling": 0, "progressive": True},
    }
    large = Image.fromarray(picture(50, 70, 3))
    return {
        "png": [image(name, saved(one, "PNG")) for name, one in pngs.items()],
        "jpeg": [image(name, saved(rgb, "JPEG", quality=90, **how)) for name, how in jpegs.items()]
        + [image("grey", saved(grey, "JPEG", quality=90))]
        + [image("larger, progressive", saved(large, "JPEG", quality=60, progressive=True))],
        "webp": [
            {"what": name, "file": encoded(saved(one, "WEBP", **how)), "width": 23, "height": 19}
            for name, one, how in [
                ("lossy", rgb, {}),
                ("lossless", rgb, {"lossless": True}),
                ("with alpha", clear, {}),
            ]
        ],
    }


def resized() -> list:
    made = []
    for from_, to in [((9, 13), (4, 5)), ((5, 7), (12, 9)), ((28, 28), (32, 32)), ((64, 48), (8, 8)), ((6, 6), (3, 12))]:
        values = torch.tensor(picture(*from_, 3)).permute(2, 0, 1)[None].double()
        out = torch.nn.functional.interpolate(values, size=to, mode="bilinear", antialias=True, align_corners=False)
        made.append(
            {
                "from": list(from_),
                "to": list(to),
                "pixels": picture(*from_, 3).reshape(-1).tolist(),
                "values": [round(v, 4) for v in out[0].permute(1, 2, 0).reshape(-1).tolist()],
            }
        )
    return made


OUT.write_text(
    json.dumps(
        {"npy": arrays(), "npz": [npz(False), npz(True)], "images": images(), "resize": resized(), "turned": turned()},
        separators=(",", ":"),
    )
    + "\n"
)
