"""Writes tests/golden/data/detector: a small object detector as a TorchScript program, and what PyTorch finds
by it in pictures of tests/golden/data/images.

Needs Python with torch, numpy and Pillow. Run it from anywhere.
"""

import io
import json
import pathlib
import zipfile
from typing import List, Tuple

import numpy
import torch
from PIL import Image

DATA = pathlib.Path(__file__).resolve().parents[1] / "data"
FEATURE_WIDTH = 48  # as paper/oscar_join reads


class GridDetector(torch.nn.Module):
    """Takes the cells of a grid for objects: what changes most first, features of the mean colour and its
    spread, labels by the strongest colour."""

    def __init__(self, rows: int, columns: int):
        super().__init__()
        self.rows = rows
        self.columns = columns
        random = torch.Generator().manual_seed(19)
        self.register_buffer("projection", torch.randn(6, FEATURE_WIDTH, generator=random))

    def forward(self, picture: torch.Tensor) -> Tuple[torch.Tensor, torch.Tensor, List[str]]:
        names = ["person", "grass", "sky"]
        height, width = picture.size(1), picture.size(2)
        if height < self.rows or width < self.columns:
            raise ValueError(f"a picture of {width} x {height} pixels has no room for the grid")
        boxes: List[List[float]] = []
        colours: List[torch.Tensor] = []
        for row in range(self.rows):
            top, bottom = row * height // self.rows, (row + 1) * height // self.rows
            for column in range(self.columns):
                left, right = column * width // self.columns, (column + 1) * width // self.columns
                boxes.append([float(left), float(top), float(right), float(bottom)])
                cell = picture[:, top:bottom, left:right].to(torch.float32).flatten(1) / 255
                colours.append(torch.cat([cell.mean(1), cell.std(1, unbiased=False)]))
        colour = torch.stack(colours)
        order = torch.argsort(colour[:, 3:].sum(1), stable=True, descending=True)
        colour = colour[order]
        strongest = torch.argmax(colour[:, :3], dim=1)
        labels = [names[int(strongest[i])] for i in range(strongest.size(0))]
        return torch.tensor(boxes)[order], colour @ self.projection, labels


def save(detector, path, old="", new=""):
    """Without the names of source files, which torch.jit.save puts beside the code; `old` in it becomes `new`."""
    saved = io.BytesIO()
    torch.jit.save(detector, saved)
    with zipfile.ZipFile(saved) as whole, zipfile.ZipFile(path, "w") as kept:
        for entry in whole.infolist():
            if not entry.filename.endswith(".debug_pkl"):
                data = whole.read(entry)
                if old and entry.filename.endswith(".py"):
                    assert old.encode() in data
                    data = data.replace(old.encode(), new.encode())
                kept.writestr(zipfile.ZipInfo(entry.filename), data)


def main():
    folder = DATA / "detector"
    folder.mkdir(exist_ok=True)
    detector = torch.jit.script(GridDetector(3, 4)).eval()
    save(detector, folder / "grid.pt")
    save(detector, folder / "of_torchvision.pt", "torch.argsort", "ops.torchvision.nms")
    expected = []
    for name in ("photo_landscape.png", "photo_portrait.png", "pattern_square.png", "tiny_5x7.png"):
        pixels = numpy.array(Image.open(DATA / "images" / name).convert("RGB"))
        with torch.inference_mode():
            boxes, features, labels = detector(torch.from_numpy(pixels).permute(2, 0, 1).contiguous())
        expected.append({"file": name, "width": pixels.shape[1], "height": pixels.shape[0],
                         "boxes": boxes.tolist(), "features": features.tolist(), "labels": labels})
    (folder / "expected.json").write_text(json.dumps(expected) + "\n")


if __name__ == "__main__":
    main()
