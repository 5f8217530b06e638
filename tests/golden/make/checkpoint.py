"""Writes tests/golden/data/checkpoint: files by the reference safetensors package, and what they hold.

Needs Python with torch and safetensors. Run it from anywhere; the result is the same each time.
expected.json: for each tensor its dtype, shape and the bits of its values as float32 (NaN as null).
"""

import json
import pathlib
import struct

import torch
from safetensors.torch import save_file

# Every kind of float16 there is: zeros, subnormals, normals, infinities, NaN.
HALVES = [0x0000, 0x8000, 0x0001, 0x8001, 0x03FF, 0x0400, 0x3C00, 0xBC00, 0x3555, 0x7BFF, 0xFBFF, 0x7C00, 0xFC00, 0x7E00]
BFLOATS = [0x0000, 0x8000, 0x0001, 0x007F, 0x0080, 0x3F80, 0xBF80, 0x4049, 0x7F7F, 0xFF7F, 0x7F80, 0xFF80, 0x7FC0]


def from_bits(bits, dtype):
    return torch.tensor([b - 65536 if b >= 32768 else b for b in bits], dtype=torch.int16).view(dtype)


def bits_of(value):
    return None if value != value else struct.unpack("<I", struct.pack("<f", value))[0]


def tensors():
    generator = torch.Generator().manual_seed(7)
    return {
        "f32": torch.randn(3, 5, generator=generator),
        "f16": from_bits(HALVES, torch.float16).reshape(2, 7),
        "bf16": from_bits(BFLOATS, torch.bfloat16),
        "f64": torch.tensor([1 / 3, -1e300, 1e-300, 2.5], dtype=torch.float64),
        "i64": torch.arange(-2, 4).reshape(1, 6),
        "i32": torch.tensor([-(2**31), 2**31 - 1, 0], dtype=torch.int32),
        "i16": torch.tensor([-32768, 32767], dtype=torch.int16),
        "i8": torch.tensor([[-128, 127], [0, 1]], dtype=torch.int8),
        "u8": torch.tensor([0, 255], dtype=torch.uint8),
        "bool": torch.tensor([True, False, True]),
        "empty": torch.zeros(0, 4),
        "scalar": torch.tensor(2.5),
        "größe": torch.ones(2),
    }


def to_be_rounded():
    """Float32 of all magnitudes that float16 has, its ties and its limits, some that are not finite."""
    generator = torch.Generator().manual_seed(11)
    spread = torch.randn(2000, generator=generator) * 2.0 ** torch.randint(-28, 13, (2000,), generator=generator)
    halves = torch.arange(0, 31744, 13, dtype=torch.int16).view(torch.float16).float()
    ties = (halves[1:] + torch.nextafter(halves[1:].half(), torch.tensor(0.0).half()).float()) / 2
    bfloat_ties = torch.tensor([0x3F808000, 0x3F818000, 0x00008000, 0x3F807FFF, 0x3F808001], dtype=torch.int32)
    limits = torch.tensor([0.0, -0.0, 65504.0, 65519.9, float("inf"), -float("inf"), float("nan"), 1e-45])
    return torch.cat([spread, ties, bfloat_ties.view(torch.float32), limits])


def main():
    folder = pathlib.Path(__file__).resolve().parents[1] / "data" / "checkpoint"
    folder.mkdir(parents=True, exist_ok=True)
    save_file(tensors(), folder / "dtypes.safetensors", metadata={"format": "pt"})
    values = to_be_rounded()
    for name, dtype in (("f32", torch.float32), ("f16", torch.float16), ("bf16", torch.bfloat16)):
        save_file({"values": values.to(dtype)}, folder / f"rounded_{name}.safetensors")
    names = {"torch.float32": "F32", "torch.float16": "F16", "torch.bfloat16": "BF16", "torch.float64": "F64",
             "torch.int64": "I64", "torch.int32": "I32", "torch.int16": "I16", "torch.int8": "I8",
             "torch.uint8": "U8", "torch.bool": "BOOL"}
    expected = {name: {"dtype": names[str(t.dtype)], "shape": list(t.shape),
                       "bits": [bits_of(v) for v in t.to(torch.float32).flatten().tolist()]}
                for name, t in tensors().items()}
    (folder / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


if __name__ == "__main__":
    main()
