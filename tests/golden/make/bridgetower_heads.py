"""Writes tests/golden/data/bridgetower-heads: a small random BridgeTower that has the contrastive heads and the
matching head in one checkpoint, with what the reference computes with either.

    bridgetower_heads.py

Tokenizer and preprocessing are those of tests/golden/data/bridgetower. Needs torch, transformers, pillow.
"""

import json
import pathlib
import shutil

import torch
import transformers
from PIL import Image
from safetensors.torch import load_file, save_file
from transformers import BridgeTowerConfig, BridgeTowerForContrastiveLearning, BridgeTowerForImageAndTextRetrieval
from transformers.models.bridgetower.image_processing_pil_bridgetower import BridgeTowerImageProcessorPil

DATA = pathlib.Path(__file__).resolve().parents[1] / "data"
SOURCE = DATA / "bridgetower"
TARGET = DATA / "bridgetower-heads"
PICTURES = ["photo_landscape.png", "photo_portrait.png", "gray.png", "tiny_5x7.png", "pattern_square.png"]


def randomize(model):
    generator = torch.Generator().manual_seed(11)
    for name, parameter in model.named_parameters():
        noise = torch.randn(parameter.shape, generator=generator)
        if parameter.dim() == 1:
            noise = 0.3 * noise + (1 if "norm" in name.lower() or "ln_" in name else 0)
        elif parameter.dim() > 1 and "embedding" not in name:
            noise = 3 * noise / parameter[0].numel() ** 0.5
        parameter.copy_(noise)
    return model.half().float().eval()  # to be stored in 16 bits


def make_models():
    config = BridgeTowerConfig(
        hidden_size=64, num_attention_heads=4, num_hidden_layers=2, link_tower_type="interpolate",
        text_config=dict(hidden_size=64, intermediate_size=48, num_attention_heads=4, num_hidden_layers=2,
                         max_position_embeddings=28, vocab_size=961),
        vision_config=dict(hidden_size=64, num_hidden_layers=2, image_size=48, patch_size=16))
    config.contrastive_hidden_size = 20
    config.logit_scale_init_value = 2.6592
    contrastive = randomize(BridgeTowerForContrastiveLearning(config))
    matching = randomize(BridgeTowerForImageAndTextRetrieval(config))
    matching.bridgetower.load_state_dict(contrastive.bridgetower.state_dict())
    return contrastive, matching


def write_model(contrastive, matching):
    folder = TARGET / "model"
    shutil.copytree(SOURCE / "model", folder, dirs_exist_ok=True)
    contrastive.half().save_pretrained(folder)
    contrastive.float()
    weights = load_file(folder / "model.safetensors")
    for name, tensor in matching.state_dict().items():
        if name.startswith("itm_score."):
            weights[name] = tensor.half()
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


@torch.no_grad()
def main():
    contrastive, matching = make_models()
    write_model(contrastive, matching)
    golden = json.loads((SOURCE / "expected.json").read_text())
    processor = BridgeTowerImageProcessorPil.from_pretrained(TARGET / "model")
    texts = [{"text": text["text"], "input_ids": text["input_ids"]} for text in golden["texts"][:8]]
    images = [{"file": f"images/{name}", "lossless": True} for name in PICTURES]
    pairs = []
    for i, text in enumerate(texts):
        ids = torch.tensor([text["input_ids"]])
        for j, image in enumerate(images):
            pixels = processor(Image.open(DATA / image["file"]).convert("RGB"), return_tensors="pt")["pixel_values"]
            inputs = {"input_ids": ids, "attention_mask": torch.ones_like(ids), "pixel_values": pixels}
            embedded = contrastive(**inputs)
            logits = matching(**inputs).logits[0]
            text["embedding"] = embedded.text_embeds[0].tolist()
            image["embedding"] = embedded.image_embeds[0].tolist()
            logit = (logits[1] - logits[0]).item()
            pairs.append({"text_index": i, "image_index": j, "logit": logit,
                          "probability": torch.sigmoid(torch.tensor(logit)).item(),
                          "similarity": (embedded.text_embeds[0] @ embedded.image_embeds[0]).item()})
    expected = {"family": "bridgetower", "capabilities": ["embed", "match"], "max_length": golden["max_length"],
                "reference": f"transformers {transformers.__version__}", "texts": texts, "images": images, "pairs": pairs}
    (TARGET / "expected.json").write_text(json.dumps(expected) + "\n")


if __name__ == "__main__":
    main()
