"""What is measured on, made once and kept in a folder of the build."""

import json
import pathlib
import shutil

ROOT = pathlib.Path(__file__).resolve().parents[3]
PHOTOS = ROOT / "examples" / "photos"
DEFAULT_MODEL = ROOT / "models" / "default"
# A caption of a demo photo, as long as people's queries are, whose words the made tokenizers know.
TEXT = "several hens look for food in short green grass"
DIMENSION = 512  # of the vectors that are searched


def made(path, make):
    """Makes `path` where it is missing. It appears by one rename, so that half of one is never taken for it."""
    if not path.exists():
        unfinished = path.with_name(path.name + ".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        make(unfinished)
        unfinished.rename(path)
    return path


def with_comment(jpeg, comment):
    """The same picture as another file: a comment (marker FFFE) behind the first marker."""
    body = comment.encode()
    return jpeg[:2] + b"\xff\xfe" + (len(body) + 2).to_bytes(2, "big") + body + jpeg[2:]


def copy_photos(folder, count):
    """The demo photos over and over, each copy with a comment of its own: by content, no two are duplicates."""
    folder.mkdir()
    photos = [path.read_bytes() for path in sorted(PHOTOS.glob("*.jpg"))]
    for i in range(count):
        (folder / f"{i:05d}.jpg").write_bytes(with_comment(photos[i % len(photos)], f"copy {i}"))


class Inputs:
    def __init__(self, folder, run_peer):
        self.folder = folder
        self.run_peer = run_peer
        folder.mkdir(parents=True, exist_ok=True)

    def pictures(self, count):
        return made(self.folder / f"pictures-{count}", lambda path: copy_photos(path, count))

    def checkpoint(self, family):
        return made(self.folder / f"{family}-base", lambda path: self.run_peer(
            "make_base_checkpoint.py", family, path, "--captions", PHOTOS / "captions.jsonl"))

    def config(self, family):
        return json.loads((self.checkpoint(family) / "config.json").read_text())

    def image_tokens(self, count):
        """Of the BLIP folder, for the first pictures, by the reference."""
        return made(self.folder / f"tokens-{count}.f32", lambda path: self.run_peer(
            "hf_blip.py", "tokens", self.checkpoint("blip"), "--pictures", self.pictures(count), "--out", path))

    def vectors(self, count):
        """A query, and `count` vectors behind it."""
        return made(self.folder / f"vectors-{count}.f32", lambda path: self.run_peer(
            "faiss_flat.py", "vectors", path, "--dimension", DIMENSION, "--count", count))
