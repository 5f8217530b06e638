"""Writes tests/golden/data/torch-files: what torch.save writes, good and bad, and what it holds.

Needs Python with torch, numpy and safetensors. Run it from anywhere. The values are the same each time; the
older format names its storages by memory addresses, so its bytes are not.
"""

import collections
import os
import pathlib
import pickle
import zipfile
from typing import Dict, List

import numpy
import torch
from safetensors.torch import save_file

import checkpoint

FOLDER = pathlib.Path(__file__).resolve().parents[1] / "data" / "torch-files"


def save(value, name, old=False, **options):
    torch.save(value, FOLDER / name, _use_new_zipfile_serialization=not old, **options)


def views():
    base = torch.arange(24, dtype=torch.float32).reshape(4, 6)
    halves = torch.arange(12).to(torch.float16).reshape(3, 4)
    return {
        "whole": base,
        "transposed": base.t(),
        "rows": base[1:3],
        "columns": base[:, 2:5],
        "every_second": base[::2, ::3],
        "diagonal": base.as_strided((4,), (7,), 0),
        "scalar": base[3, 5],
        "repeated": torch.tensor([1.5, 2.5]).expand(3, 2),
        "halves": halves.permute(1, 0)[1:],
        "parameter": torch.nn.Parameter(base[0]),
        "empty": base[:0],
    }


def plain():
    missing = collections.defaultdict(list)
    missing["a"].append(1)
    return {
        "none": None, "yes": True, "no": False, "small": 7, "negative": -70000, "long": 2**40, "huge": -(2**80),
        "float": 0.1, "text": "Bäume", "bytes": b"\x00\xff\x80", "no_bytes": b"", "list": [1, [2, (3, 4)]],
        "set": {5}, "ordered": collections.OrderedDict(b=1, a=2), "default": missing,
        "size": torch.Size([2, 3]), "device": torch.device("cpu"), "dtype": torch.bfloat16, 3: "by number",
    }


def arrays():
    grid = numpy.arange(6, dtype=numpy.float32).reshape(2, 3)
    return {
        "f4": grid, "f8": grid.astype("f8") + 200, "f2": grid.astype("f2"), "i8": grid.astype("i8") - 3,
        "i4": grid.astype("i4"), "i2": grid.astype("i2"), "i1": grid.astype("i1") - 3, "u1": grid.astype("u1") + 200,
        "b1": grid > 2, "fortran": numpy.asfortranarray(grid), "scalar": numpy.float32(2.5),
        "empty": numpy.zeros((0, 4), "f4"), "words": numpy.array(["dog", "cat"]),
        "objects": numpy.array(["dog", None], dtype=object), "big_endian": grid.astype(">f4"),
    }


class Scripted(torch.nn.Module):
    """What archives of TorchScript have beside tensors, and tensors two modules deep."""

    sizes: List[int]

    def __init__(self):
        super().__init__()
        self.inner = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.LayerNorm(3))
        self.register_buffer("mask", torch.tensor([True, False]))
        self.scale = torch.nn.Parameter(torch.tensor(0.5, dtype=torch.float16))
        self.sizes = [224, 224]
        self.rates: Dict[str, float] = {"a": 0.5}
        self.width = 3
        self.nothing = None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.inner(x) * self.scale + self.sizes[0] + self.rates["a"]


class Calls:
    def __init__(self, function, *arguments):
        self.parts = function, arguments

    def __reduce__(self):
        return self.parts


def rezip(source, target, compression=zipfile.ZIP_STORED, changed=()):
    changed = dict(changed)
    with zipfile.ZipFile(FOLDER / source) as old, zipfile.ZipFile(FOLDER / target, "w", compression) as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name), changed.get(name.split("/", 1)[1], old.read(name)), compression)


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(7)
    for old, kind in ((False, "zip"), (True, "old")):
        save(checkpoint.tensors(), f"dtypes_{kind}.pt", old)
        save(views(), f"views_{kind}.pt", old)
        save(plain(), f"plain_{kind}.pt", old)
        save(arrays(), f"arrays_{kind}.pt", old)
        save({"weights": torch.ones(2), "harm": Calls(os.system, "touch harm")}, f"os_system_{kind}.pt", old)
    for protocol in (3, 4, 5):
        save(plain(), f"plain_protocol{protocol}.pt", pickle_protocol=protocol)
        save(arrays(), f"arrays_protocol{protocol}.pt", pickle_protocol=protocol)
        save(views(), f"views_protocol{protocol}.pt", pickle_protocol=protocol)
    save_file({name: tensor.detach().clone().contiguous() for name, tensor in views().items()},
              FOLDER / "views.safetensors")

    scripted = Scripted()
    torch.jit.save(torch.jit.script(scripted), FOLDER / "scripted.pt")
    save_file({name: tensor.detach().clone() for name, tensor in scripted.state_dict().items()},
              FOLDER / "scripted.safetensors")

    linear = torch.nn.Linear(2, 3)
    save(linear.state_dict(), "linear.pt")
    save_file(dict(linear.state_dict()), FOLDER / "linear.safetensors")
    save({"state_dict": linear.state_dict(), "epoch": 3}, "below_state_dict.pt")
    save({"model": {"module." + name: value for name, value in linear.state_dict().items()}}, "below_model.pt")
    save({"student": linear.state_dict(), "names": ["weight"]}, "below_student.pt")

    save({"harm": Calls(eval, "1 + 1")}, "eval.pt")
    save({"harm": pathlib.PurePosixPath("a")}, "foreign_class.pt")
    save({"sparse": torch.eye(2).to_sparse()}, "sparse.pt")
    save({"complex": torch.ones(2, dtype=torch.complex64)}, "complex.pt")
    rezip("dtypes_zip.pt", "deflated.pt", zipfile.ZIP_DEFLATED)
    rezip("linear.pt", "big_endian_zip.pt", changed={"byteorder": b"big"})
    with open(FOLDER / "big_endian_old.pt", "wb") as file:
        for part in (0x1950A86A20F9469CFC6C, 1001, {"little_endian": False}, {}, []):
            pickle.dump(part, file, protocol=2)


if __name__ == "__main__":
    main()
