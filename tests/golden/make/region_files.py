"""Writes tests/golden/data/regions-odd: region files that are unusual or wrong, each in one way.

Needs Python with torch and numpy. Run it from anywhere.
"""

import pathlib
import zipfile

import numpy
import torch

FOLDER = pathlib.Path(__file__).resolve().parents[1] / "data" / "regions-odd"
NAN, INF = float("nan"), float("inf")


def features(rows=2, width=3):
    return numpy.arange(rows * width, dtype=numpy.float32).reshape(rows, width)


def boxes(rows=2):
    return numpy.tile(numpy.array([[1, 2, 30, 40]], numpy.float32), (rows, 1))


def with_value(array, row, column, value):
    array = array.copy()
    array[row, column] = value
    return array


def npz(name, compressed=False, drop=(), **changed):
    arrays = {"x": features(), "bbox": boxes(), "num_bbox": 2, "image_h": 50, "image_w": 60, **changed}
    for key in drop:
        del arrays[key]
    (numpy.savez_compressed if compressed else numpy.savez)(FOLDER / f"{name}.npz", **arrays)


def oscar(name, pictures):
    torch.save({key: torch.as_tensor(value, dtype=torch.float32) for key, value in pictures.items()},
               FOLDER / f"oscar_{name}.pt")


def m3p(name, drop=(), old=False, **changed):
    values = {"features": features(), "boxes": boxes(), "num_boxes": 1, "img_w": 60, "img_h": 50, **changed}
    torch.save({key: value for key, value in values.items() if key not in drop}, FOLDER / f"m3p_{name}.pt",
               _use_new_zipfile_serialization=not old)


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    npz("plain")
    npz("deflated", compressed=True)
    npz("float64_fortran", x=numpy.asfortranarray(features().astype("f8")), image_w=60.0, image_h=numpy.array([50]))
    npz("boxes_outside", bbox=numpy.array([[-5, -6, 30, 40], [1, 2, 300, 400]], "f4"))
    npz("nan_feature", x=with_value(features(), 1, 2, NAN))
    npz("infinite_box", bbox=with_value(boxes(), 0, 3, INF))
    npz("box_ends_before_it_begins", bbox=with_value(boxes(), 1, 2, 0.5))
    npz("no_regions", x=features(0), bbox=boxes(0))
    npz("no_features", x=numpy.zeros((2, 0), "f4"))
    npz("fewer_boxes", bbox=boxes(1))
    npz("boxes_of_five_numbers", bbox=numpy.zeros((2, 5), "f4"))
    npz("features_of_one_dimension", x=features().ravel())
    npz("no_image_size", drop=("image_w",))
    npz("image_of_height_0", image_h=0)
    npz("image_of_half_a_pixel", image_w=60.5)
    npz("two_image_sizes", image_w=[60, 60])
    npz("objects", x=numpy.array([[None, 1, 2]] * 2, dtype=object))
    npz("big_endian", x=features().astype(">f4"))
    npz("many_regions", x=features(5000, 1), bbox=boxes(5000), compressed=True)
    with zipfile.ZipFile(FOLDER / "no_arrays.npz", "w") as archive:
        for name in ("x", "bbox", "image_w", "image_h"):
            archive.writestr(f"{name}.npy", "text")

    row = [5, 6, 7, 0.1, 0.2, 0.5, 0.6, 0.4, 0.4]
    oscar("other_width", {"a": [row], "b": [row[1:]]})
    oscar("no_regions", {"a": [row], "b": torch.zeros(0, 9)})
    oscar("id_twice", {"7": [row], 7: [row]})
    oscar("nan", {"a": [row], "b": [row, [NAN] + row[1:]]})
    oscar("one_dimension", {"a": row})
    oscar("no_features", {"a": [row[3:]]})
    oscar("boxes_outside", {"a": [row[:3] + [-0.1, 0.2, 1.5, 0.6, 1.6, 0.4]]})
    oscar("nothing", {})
    oscar("empty_id", {"": [row]})
    torch.save({(1, 2): torch.ones(1, 9)}, FOLDER / "oscar_id_of_another_kind.pt")
    torch.save([torch.ones(1, 9)], FOLDER / "oscar_list.pt")
    whole = torch.arange(36, dtype=torch.float32).reshape(4, 9)
    torch.save({"upper": whole[:2], "lower": whole[2:], "turned": whole.clone().t().contiguous().t()},
               FOLDER / "oscar_views.pt")

    m3p("fewer_boxes_said")
    m3p("numpy_sizes", img_w=numpy.int64(60), img_h=numpy.float32(50))
    m3p("no_sizes", drop=("img_h",))
    m3p("text_size", img_h="50")
    m3p("fewer_boxes", boxes=boxes(1), old=True)
    m3p("words", features=numpy.array([["a", "b"]] * 2))

    torch.save({"a": "dog", 2: "cat sofa"}, FOLDER / "tags.pt")
    torch.save({"2": "dog", 2: "cat sofa"}, FOLDER / "tags_twice.pt")
    torch.save({"a": ["dog"]}, FOLDER / "tags_list.pt")


if __name__ == "__main__":
    main()
