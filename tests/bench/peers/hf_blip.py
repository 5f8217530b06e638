"""Hugging Face transformers with a BLIP folder: one text against many pictures.

tokens    writes the vision tower's output for pictures, as plain float32
tower     times the vision tower alone
cached    times matching from such tokens in memory, in batches: text side and cross-attention only
as-used   times what the model's card shows: processor and model once for each picture, from its file
"""

import numpy
import torch
from transformers import BlipForImageTextRetrieval, BlipProcessor

import peer


def load(arguments):
    dtype = getattr(torch, arguments.dtype)
    model = BlipForImageTextRetrieval.from_pretrained(arguments.model, dtype=dtype).eval()
    return model, BlipProcessor.from_pretrained(arguments.model)


def read_pixels(processor, paths):
    return processor(images=[peer.load_picture(path) for path in paths], return_tensors="pt")["pixel_values"]


def margin(logits):
    """Log-odds of a match, as Tandem gives them."""
    return (logits[:, 1] - logits[:, 0]).float().tolist()


def run_tokens(arguments):
    model, processor = load(arguments)
    with open(arguments.out, "wb") as file:
        for paths in peer.batches(peer.picture_paths(arguments.pictures), 10):
            tokens = model.vision_model(pixel_values=read_pixels(processor, paths)).last_hidden_state
            file.write(tokens.numpy().tobytes())
    peer.finish()


def run_tower(arguments):
    model, processor = load(arguments)
    pixels = read_pixels(processor, peer.picture_paths(arguments.pictures, max(arguments.batches)))
    pixels = pixels.to(model.dtype)
    peer.finish(**peer.time_tower(lambda batch: model.vision_model(pixel_values=batch).last_hidden_state, pixels,
                                  arguments.batches, arguments.repeats))


def run_cached(arguments):
    model, processor = load(arguments)
    width = model.config.vision_config.hidden_size
    rows = 1 + (model.config.vision_config.image_size // model.config.vision_config.patch_size) ** 2
    stored = torch.from_numpy(numpy.fromfile(arguments.tokens, numpy.float32)).view(-1, rows, width)
    # As many tokens of their own as there are candidates; behind the last picture they begin again.
    stored = stored[:, :arguments.image_tokens or rows].contiguous()
    tokens = stored.to(model.dtype)[torch.arange(max(arguments.candidates)) % len(stored)]
    text = processor(text=arguments.text, return_tensors="pt")

    def score(count):
        logits = []
        for batch in tokens[:count].split(arguments.batch):
            states = model.text_encoder(
                input_ids=text["input_ids"].expand(len(batch), -1),
                attention_mask=text["attention_mask"].expand(len(batch), -1), encoder_hidden_states=batch,
                encoder_attention_mask=torch.ones(batch.shape[:2], dtype=torch.long)).last_hidden_state
            logits.append(model.itm_head(states[:, 0]))
        return torch.cat(logits)

    score(1)  # what is set up once
    runs = [{"candidates": count, "seconds": peer.time_runs(lambda: score(count), arguments.repeats)}
            for count in arguments.candidates]
    peer.finish(runs=runs, logits=margin(score(min(len(stored), len(tokens)))),
                text_tokens=text["input_ids"].shape[1])


def run_as_used(arguments):
    model, processor = load(arguments)
    paths = peer.picture_paths(arguments.pictures, max(arguments.candidates))

    def score(count):
        logits = []
        for path in paths[:count]:
            inputs = processor(images=peer.load_picture(path), text=arguments.text, return_tensors="pt")
            logits.append(model(**inputs.to(model.dtype), use_itm_head=True).itm_score)
        return torch.cat(logits)

    score(1)
    runs = [{"candidates": count, "seconds": peer.time_runs(lambda: score(count), arguments.repeats)}
            for count in arguments.candidates]
    peer.finish(runs=runs)


def main():
    parser = peer.parser(__doc__)
    parser.add_argument("mode", choices=["tokens", "tower", "cached", "as-used"])
    parser.add_argument("model")
    parser.add_argument("--dtype", default="float32", choices=["float32", "bfloat16"])
    parser.add_argument("--pictures")
    parser.add_argument("--tokens")
    parser.add_argument("--out")
    parser.add_argument("--text")
    parser.add_argument("--candidates", type=int, nargs="+")
    parser.add_argument("--image-tokens", type=int, default=0, help="of each picture, the first; 0: all")
    parser.add_argument("--batch", type=int, default=16, help="candidates in one forward pass")
    parser.add_argument("--batches", type=int, nargs="+", help="sizes to time the tower with")
    parser.add_argument("--repeats", type=int, default=5)
    arguments = peer.parse(parser)
    {"tokens": run_tokens, "tower": run_tower, "cached": run_cached, "as-used": run_as_used}[arguments.mode](arguments)


if __name__ == "__main__":
    main()
