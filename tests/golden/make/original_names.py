"""Writes tests/golden/data/original-names: weights of the golden checkpoints under the names of the original
checkpoints, as they are before the Hugging Face port renames them.

    original_names.py

NAME.safetensors has the weights of tests/golden/data/NAME, and beside them a few of those that an original
checkpoint has and a model does not need. Needs torch and safetensors.
"""

import pathlib
import re

import torch
from safetensors.torch import load_file, save_file

DATA = pathlib.Path(__file__).resolve().parents[1] / "data"


def rename(name, rules):
    for pattern, replacement in rules:
        name = re.sub(pattern, replacement, name)
    return name


# BLIP (Salesforce): the vision tower has timm's names; training leaves momentum copies and queues.
BLIP = [
    (r"^vision_model\.embeddings\.class_embedding$", "visual_encoder.cls_token"),
    (r"^vision_model\.embeddings\.position_embedding$", "visual_encoder.pos_embed"),
    (r"^vision_model\.embeddings\.patch_embedding\.", "visual_encoder.patch_embed.proj."),
    (r"^vision_model\.post_layernorm\.", "visual_encoder.norm."),
    (r"^vision_model\.encoder\.layers\.", "visual_encoder.blocks."),
    (r"\.self_attn\.qkv\.", ".attn.qkv."),
    (r"\.self_attn\.projection\.", ".attn.proj."),
    (r"\.layer_norm(\d)\.", r".norm\1."),
]


def blip(port):
    weights = {rename(name, BLIP): tensor for name, tensor in port.items()}
    beside = {f"{name}_m.weight": weights[f"{name}.weight"].clone() for name in ("vision_proj", "text_proj")}
    beside["visual_encoder_m.cls_token"] = torch.zeros(1, 1, 2)
    beside["image_queue"] = torch.zeros(2, 3)
    beside["ptr_queue"] = torch.zeros(1, dtype=torch.int64)
    beside["temp"] = torch.tensor(0.07)
    return weights | beside


# CLIP (OpenAI, open_clip): queries, keys and values in one matrix; projections are multiplied from the right.
CLIP = [
    (r"^text_model\.embeddings\.token_embedding\.", "token_embedding."),
    (r"^text_model\.embeddings\.position_embedding\.weight$", "positional_embedding"),
    (r"^text_model\.final_layer_norm\.", "ln_final."),
    (r"^text_model\.encoder\.layers\.", "transformer.resblocks."),
    (r"^vision_model\.embeddings\.class_embedding$", "visual.class_embedding"),
    (r"^vision_model\.embeddings\.position_embedding\.weight$", "visual.positional_embedding"),
    (r"^vision_model\.embeddings\.patch_embedding\.", "visual.conv1."),
    (r"^vision_model\.pre_layrnorm\.", "visual.ln_pre."),
    (r"^vision_model\.post_layernorm\.", "visual.ln_post."),
    (r"^vision_model\.encoder\.layers\.", "visual.transformer.resblocks."),
    (r"\.self_attn\.out_proj\.", ".attn.out_proj."),
    (r"\.layer_norm(\d)\.", r".ln_\1."),
    (r"\.mlp\.fc1\.", ".mlp.c_fc."),
    (r"\.mlp\.fc2\.", ".mlp.c_proj."),
]


def clip(port):
    port = {name: tensor for name, tensor in port.items() if not name.endswith("position_ids")}
    weights = {
        "text_projection": port.pop("text_projection.weight").t().contiguous(),
        "visual.proj": port.pop("visual_projection.weight").t().contiguous(),
        "input_resolution": torch.tensor(32),
        "context_length": torch.tensor(77),
        "vocab_size": torch.tensor(49408),
    }
    for name in [name for name in port if ".self_attn.q_proj." in name]:
        parts = [port.pop(name.replace("q_proj", part)) for part in ("q_proj", "k_proj", "v_proj")]
        weights[rename(name.replace(".self_attn.q_proj.", ".attn.in_proj_"), CLIP)] = torch.cat(parts)
    return weights | {rename(name, CLIP): tensor for name, tensor in port.items()}


def main():
    folder = DATA / "original-names"
    folder.mkdir(exist_ok=True)
    for case, convert in (("blip-itm", blip), ("clip-gelu", clip)):
        port = load_file(DATA / case / "model" / "model.safetensors")
        save_file(convert(port), folder / f"{case}.safetensors", metadata={"format": "pt"})


if __name__ == "__main__":
    main()
