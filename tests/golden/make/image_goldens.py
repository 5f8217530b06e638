"""Writes the reference results of decoding, resampling, changing colours and preprocessing.

Needs Pillow 13 and transformers 5 (their PIL processors). Run it from the repository's root:

    python tests/golden/make/image_goldens.py

Pictures for decoding are stored with the SHA-256 of the RGB bytes that Pillow reads from them. Pictures for
the others are made of a formula (see `noise`), which the tests compute again.
"""

import hashlib
import io
import json
import random
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance, ImageOps
from PIL.PngImagePlugin import PngInfo
from transformers.image_transforms import convert_to_rgb

DATA = Path("tests/golden/data")


def noise(width, height, seed):
    """8-bit RGB: the high bytes of a linear congruential sequence, in every other picture only 0 and 255."""
    values = np.empty(width * height * 3, np.uint8)
    state = seed
    for i in range(values.size):
        state = (state * 1664525 + 1013904223) % 2**32
        values[i] = state >> 24
    if seed % 2:
        values = np.where(values < 128, 0, 255).astype(np.uint8)
    return values.reshape(height, width, 3)


def sha256(array):
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


def write_json(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = ",\n".join(json.dumps(row) for row in value)
    path.write_text("[\n" + rows + "\n]\n")


def smooth(width, height):
    y, x = np.mgrid[0:height, 0:width]
    return Image.fromarray(
        np.stack([(x * 5 + y) % 256, (y * 6) % 256, (x * y) % 256], -1).astype(np.uint8)
    )


def png_chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, depth, color, interlace, rows):
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, interlace)
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + png_chunk(b"IDAT", zlib.compress(rows, 9))
        + png_chunk(b"IEND", b"")
    )


def interlaced_png(array):
    height, width, _ = array.shape
    rows = b""
    for left, top, right, down in (
        (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2),
    ):  # fmt: skip
        part = array[top::down, left::right]
        if part.size:
            rows += b"".join(b"\0" + row.tobytes() for row in part)
    return png(width, height, 8, 2, 1, rows)


def encoded(image, kind, **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def decoding_files():
    image = smooth(37, 21)
    array = np.array(image)
    with_alpha = image.copy()
    with_alpha.putalpha(Image.fromarray(np.ascontiguousarray(array[:, :, 0])))
    yield "baseline_444.jpg", encoded(image, "JPEG", subsampling=0, quality=90)
    yield "baseline_422.jpg", encoded(image, "JPEG", subsampling=1, quality=60)
    yield "baseline_420_restarts.jpg", encoded(image, "JPEG", subsampling=2, restart_marker_blocks=2)
    yield "baseline_gray.jpg", encoded(image.convert("L"), "JPEG", optimize=True)
    yield "progressive_444.jpg", encoded(image, "JPEG", subsampling=0, quality=95, progressive=True)
    yield "progressive_420_restarts.jpg", encoded(image, "JPEG", progressive=True, restart_marker_rows=1)
    yield "progressive_gray.jpg", encoded(image.convert("L"), "JPEG", progressive=True)
    yield "rgb_components.jpg", encoded(image, "JPEG", keep_rgb=True, quality=85)
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        yield f"orientation_{orientation}.jpg", encoded(image, "JPEG", exif=exif.tobytes())
    exif = Image.Exif()
    exif[0x0112] = 6
    yield "orientation_6.png", encoded(image, "PNG", exif=exif.tobytes())
    yield "orientation_6.webp", encoded(image, "WEBP", lossless=True, exif=exif.tobytes())
    exif[0x0112] = 9
    yield "orientation_9_means_none.jpg", encoded(image, "JPEG", exif=exif.tobytes())
    motorola = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x08\0\0\0\0\0\0"
    yield "orientation_8_big_endian.jpg", encoded(image, "JPEG", exif=b"Exif\0\0" + motorola)
    xmp = b'<rdf:Description tiff:Orientation="5"/>'
    yield "orientation_5_xmp.jpg", encoded(image, "JPEG", xmp=xmp)
    yield "orientation_5_xmp.webp", encoded(image, "WEBP", lossless=True, xmp=xmp)
    text = PngInfo()
    text.add_itxt("XML:com.adobe.xmp", "<tiff:Orientation>7</tiff:Orientation>")
    yield "orientation_7_xmp.png", encoded(image, "PNG", pnginfo=text)
    for bits in (1, 2, 4, 8):
        yield f"palette_{bits}.png", encoded(image.quantize(1 << bits), "PNG", bits=bits)
    yield "gray_1.png", encoded(image.convert("1"), "PNG")
    for bits in (2, 4):
        stride = (37 * bits + 7) // 8
        rows = b"".join(b"\0" + bytes((y * 31 + i * 7) % 256 for i in range(stride)) for y in range(21))
        yield f"gray_{bits}.png", png(37, 21, bits, 0, 0, rows)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in array.astype(int) * 256 + 77)
    yield "rgb_16.png", png(37, 21, 16, 2, 0, rows)
    yield "rgb_interlaced.png", interlaced_png(array)
    yield "rgb_interlaced_3x2.png", interlaced_png(array[:2, :3])
    yield "rgb_color_key.png", encoded(image, "PNG", transparency=(0, 0, 0))
    yield "alpha.png", encoded(with_alpha, "PNG")
    yield "lossy.webp", encoded(image, "WEBP", quality=70)
    yield "lossless.webp", encoded(image, "WEBP", lossless=True)
    yield "lossy_alpha.webp", encoded(with_alpha, "WEBP", quality=80)
    yield "lossless_alpha.webp", encoded(with_alpha, "WEBP", lossless=True, exact=True)
    for width, height in ((1, 1), (1, 5000), (8, 8), (17, 9)):
        yield f"{width}x{height}.png", encoded(smooth(width, height), "PNG")
        yield f"{width}x{height}.jpg", encoded(smooth(width, height), "JPEG")


def decode_goldens():
    folder = DATA / "images-kinds"
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for name, data in decoding_files():
        (folder / name).write_bytes(data)
        upright = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
        pixels = convert_to_rgb(upright, return_numpy=True)  # transparent parts on white
        rows.append({"file": name, "height": pixels.shape[0], "width": pixels.shape[1], "sha256": sha256(pixels)})
    write_json(folder / "expected.json", rows)


def bad_files():
    folder = DATA / "images-bad"
    folder.mkdir(parents=True, exist_ok=True)
    rows = (b"\0" * (20000 // 8 + 1)) * 10001
    (folder / "bomb_200_megapixels.png").write_bytes(png(20000, 10001, 1, 0, 0, rows))
    image = smooth(16, 16)
    animation = encoded(image, "WEBP", save_all=True, append_images=[ImageOps.invert(image)])
    (folder / "animated.webp").write_bytes(animation)
    for kind in ("GIF", "TIFF", "BMP", "AVIF"):
        (folder / f"picture.{kind.lower()}").write_bytes(encoded(smooth(8, 8), kind))


def resample_goldens():
    chance = random.Random(7)
    sizes = [(1, 1), (1, 97), (97, 1), (2, 3), (17, 33), (33, 17), (64, 48), (101, 99), (200, 150)]
    targets = [(1, 1), (2, 1), (17, 17), (32, 33), (64, 48), (96, 64), (150, 10), (10, 150)]
    cases = [(w, h, tw, th, f) for w, h in sizes for tw, th in targets for f in range(6) if chance.random() < 0.3]
    cases += [(7, 5, 210, 150, f) for f in range(6)]  # 30 times larger
    cases += [(1500, 4, 3, 3, f) for f in range(6)]  # 500 times smaller
    # The passes change places where the height shrinks by more than twice of what the width does.
    cases += [(40, h, 30, 20, 3) for h in (39, 40, 41, 42)] + [(48, 64, 40, 38, 2), (30, 40, 38, 38, 3)]
    rows = []
    for seed, (width, height, to_width, to_height, number) in enumerate(cases):
        picture = Image.fromarray(noise(width, height, seed)).resize((to_width, to_height), number)
        rows.append({"width": width, "height": height, "to_width": to_width, "to_height": to_height,
                     "filter": number, "seed": seed, "sha256": sha256(np.array(picture))})  # fmt: skip
    write_json(DATA / "resample" / "expected.json", rows)


def color_goldens():
    factors = (0, 0.3, 0.8, 0.9371, 1, 1.1234, 1.2, 1.999, 7.5)
    rows = []
    for what, enhance in (("brightness", ImageEnhance.Brightness), ("contrast", ImageEnhance.Contrast),
                          ("saturation", ImageEnhance.Color)):  # fmt: skip
        for seed, (width, height) in enumerate(((1, 1), (17, 33), (64, 48), (101, 3))):
            for factor in factors:
                picture = enhance(Image.fromarray(noise(width, height, seed))).enhance(factor)
                rows.append({"what": what, "width": width, "height": height, "seed": seed, "factor": factor,
                             "sha256": sha256(np.array(picture))})  # fmt: skip
    write_json(DATA / "colors" / "expected.json", rows)


def preprocess_goldens():
    from transformers.models.blip.image_processing_pil_blip import BlipImageProcessorPil
    from transformers.models.bridgetower.image_processing_pil_bridgetower import BridgeTowerImageProcessorPil
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
    from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil
    from transformers.models.vilt.image_processing_pil_vilt import ViltImageProcessorPil

    clip, blip = ("CLIPImageProcessor", CLIPImageProcessorPil), ("BlipImageProcessor", BlipImageProcessorPil)
    siglip, vilt = ("SiglipImageProcessor", SiglipImageProcessorPil), ("ViltImageProcessor", ViltImageProcessorPil)
    bridgetower = ("BridgeTowerImageProcessor", BridgeTowerImageProcessorPil)
    edge, square = {"shortest_edge": 20}, {"height": 20, "width": 30}
    cases = [(kind, {}) for kind in (clip, blip, siglip, vilt, bridgetower)]
    cases += [(kind, {"size": 24}) for kind in (clip, blip, siglip, vilt)]
    cases += [(clip, {"size": edge, "crop_size": 20}), (clip, {"size": edge, "crop_size": {"height": 31, "width": 9}})]
    cases += [(clip, {"size": edge, "crop_size": 41}), (clip, {"do_center_crop": False, "size": square})]
    cases += [(clip, {"do_resize": False, "crop_size": 32}), (clip, {"do_resize": False, "do_center_crop": False})]
    cases += [(clip, {"do_normalize": False, "size": edge}), (clip, {"do_rescale": False, "size": edge})]
    cases += [(clip, {"do_normalize": None, "do_rescale": None, "size": edge, "do_center_crop": None})]
    cases += [(siglip, {"size": square, "resample": f}) for f in range(6)]
    cases += [(siglip, {"size": {"shortest_edge": 20, "longest_edge": e}}) for e in (20, 31, 60)]
    cases += [(siglip, {"size": {"max_height": 30, "max_width": 40}}), (siglip, {"size": [12, 34]})]
    cases += [(siglip, {"size": square, "image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]})]
    cases += [(siglip, {"size": square, "rescale_factor": 1 / 127.5}), (blip, {"do_center_crop": True, "crop_size": 99})]
    cases += [(blip, {"do_center_crop": True})]  # no crop size anywhere
    cases += [(vilt, {"size": edge, "size_divisor": d}) for d in (1, 8, 16)]
    cases += [(vilt, {"size": edge, "size_divisor": 32}), (vilt, {"size": edge, "size_divisor": 4, "do_center_crop": True, "crop_size": 9})]
    cases += [(bridgetower, {"size": edge, "crop_size": edge, "size_divisor": 4})]
    cases += [(bridgetower, {"size": {"shortest_edge": 48}, "crop_size": {"shortest_edge": 33}, "size_divisor": 16})]
    pictures = [(1, 1), (1, 60), (60, 2), (17, 33), (64, 48), (41, 41)]
    rows = []
    for (name, processor), config in cases:
        for seed, (width, height) in enumerate(pictures):
            row = {"width": width, "height": height, "seed": seed, "config": {"image_processor_type": name, **config}}
            picture = Image.fromarray(noise(width, height, seed))
            try:
                values = processor(**config)(picture, return_tensors="np")["pixel_values"][0]
                row |= {"shape": values.shape, "sha256_float32": sha256(values.astype(np.float32))}
            except ValueError:
                row["refused"] = True
            rows.append(row)
    write_json(DATA / "preprocess-configs" / "expected.json", rows)


if __name__ == "__main__":
    decode_goldens()
    bad_files()
    resample_goldens()
    color_goldens()
    preprocess_goldens()
