"""Hugging Face transformers with a CLIP folder.

tower   times the vision tower alone
index   times files to embeddings (decoding, preprocessing, vision tower) and writes them
query   times one text to its best pictures, everything being loaded
"""

import time

import numpy
import torch
from transformers import CLIPModel, CLIPProcessor

import peer


def embedded(output):
    """The normalised embeddings; recent versions wrap them."""
    return torch.nn.functional.normalize(output if torch.is_tensor(output) else output.pooler_output, dim=-1)


def read_pixels(processor, paths, dtype):
    pictures = [peer.load_picture(path) for path in paths]
    return processor(images=pictures, return_tensors="pt")["pixel_values"].to(dtype)


def run_tower(arguments, model, processor):
    pixels = read_pixels(processor, peer.picture_paths(arguments.pictures, max(arguments.batches)), model.dtype)
    peer.finish(**peer.time_tower(lambda batch: embedded(model.get_image_features(pixel_values=batch)), pixels,
                                  arguments.batches, arguments.repeats))


def run_index(arguments, model, processor):
    paths = peer.picture_paths(arguments.pictures)
    start = time.perf_counter()
    embeddings = [embedded(model.get_image_features(pixel_values=read_pixels(processor, some, model.dtype)))
                  for some in peer.batches(paths, arguments.batch)]
    numpy.save(arguments.out, torch.cat(embeddings).float().numpy())
    peer.finish(images=len(paths), seconds=time.perf_counter() - start)


def run_query(arguments, model, processor):
    gallery = torch.from_numpy(numpy.load(arguments.out))

    def search(text):
        inputs = processor(text=[text], return_tensors="pt")
        return (embedded(model.get_text_features(**inputs)).float() @ gallery.T)[0].topk(10)

    found = search(arguments.text)
    texts = peer.variations(arguments.text)
    seconds = peer.time_runs(lambda: search(next(texts)), arguments.repeats)
    peer.finish(seconds=seconds, similarities=found.values.tolist())


def main():
    parser = peer.parser(__doc__)
    parser.add_argument("mode", choices=["tower", "index", "query"])
    parser.add_argument("model")
    parser.add_argument("--dtype", default="float32", choices=["float32", "bfloat16"])
    parser.add_argument("--pictures")
    parser.add_argument("--out", help="file of the embeddings")
    parser.add_argument("--text")
    parser.add_argument("--batch", type=int, default=16, help="pictures in one forward pass")
    parser.add_argument("--batches", type=int, nargs="+", help="sizes to time the tower with")
    parser.add_argument("--repeats", type=int, default=5)
    arguments = peer.parse(parser)
    model = CLIPModel.from_pretrained(arguments.model, dtype=getattr(torch, arguments.dtype)).eval()
    processor = CLIPProcessor.from_pretrained(arguments.model)
    {"tower": run_tower, "index": run_index, "query": run_query}[arguments.mode](arguments, model, processor)


if __name__ == "__main__":
    main()
