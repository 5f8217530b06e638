"""Writes tests/golden/data/clip-openai and blip-salesforce: checkpoints as their authors publish them.

Small random models, each with what the reference computes for it. CLIP is a TorchScript archive in float16, BLIP
the state dict of a training run; neither has a config.json. Heads are 64 wide, as in all published ones: nothing
in such a file tells their number. Needs torch, transformers 5 and Pillow.
"""

import json
import pathlib
import shutil

import torch
from PIL import Image
from transformers import AutoTokenizer, BlipConfig, BlipForImageTextRetrieval, CLIPConfig, CLIPModel
from transformers.models.blip.image_processing_pil_blip import BlipImageProcessorPil
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

import original_names

DATA = pathlib.Path(__file__).resolve().parents[1] / "data"
TEXTS = ["Two children are playing football in the park .", "a dog", "", "A red boat, a red boat and the sea!"]
IMAGES = ["photo_landscape.png", "photo_portrait.png", "tiny_5x7.png"]


def randomise(model):
    generator = torch.Generator().manual_seed(5)
    for name, parameter in model.named_parameters():
        if name == "logit_scale":
            continue
        around = 1.0 if "norm" in name.lower() and name.endswith("weight") else 0.0
        parameter.data = (around + 0.08 * torch.randn(parameter.shape, generator=generator)).half().float()
    return model.eval()


def nested(weights):
    """A module whose state_dict() is `weights`."""
    root = torch.nn.Module()
    for name, tensor in weights.items():
        *path, last = name.split(".")
        module = root
        for part in path:
            if part not in dict(module.named_children()):
                module.add_module(part, torch.nn.Module())
            module = module.get_submodule(part)
        if tensor.is_floating_point():
            module.register_parameter(last, torch.nn.Parameter(tensor.half()))
        else:
            module.register_buffer(last, tensor)
    return root


def rows(matrix):
    return torch.nn.functional.normalize(matrix, dim=-1)[0].tolist()


def case(folder, tokens, pixels, embed_text, embed_image, pair):
    texts = [{"text": text, "input_ids": ids[0].tolist(), "embedding": rows(embed_text(ids))}
             for text, ids in zip(TEXTS, tokens)]
    images = [{"file": "images/" + name, "lossless": True, "embedding": rows(embed_image(values))}
              for name, values in zip(IMAGES, pixels)]
    pairs = [{"text_index": t, "image_index": i, **pair(tokens[t], pixels[i]),
              "similarity": sum(a * b for a, b in zip(texts[t]["embedding"], images[i]["embedding"]))}
             for t in range(len(texts)) for i in range(len(images))]
    result = {"texts": texts, "images": images, "pairs": pairs}
    (folder / "expected.json").write_text(json.dumps(result, indent=1) + "\n")


def start(name, source, files):
    folder = DATA / name
    (folder / "model").mkdir(parents=True, exist_ok=True)
    for file in files:
        shutil.copy(DATA / source / "model" / file, folder / "model" / file)
    return folder


def encode(tokenizer, limit):
    return [tokenizer(text, truncation=True, max_length=limit, return_tensors="pt").input_ids for text in TEXTS]


def prepare(processor):
    opened = [Image.open(DATA / "images" / name).convert("RGB") for name in IMAGES]
    return [processor(image, return_tensors="pt").pixel_values for image in opened]


def clip():
    folder = start("clip-openai", "clip-quickgelu", ["vocab.json", "merges.txt"])
    positions = 24
    text = {"hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 2, "num_attention_heads": 1,
            "vocab_size": 1204, "max_position_embeddings": positions, "eos_token_id": 2}
    vision = {"hidden_size": 128, "intermediate_size": 80, "num_hidden_layers": 1, "num_attention_heads": 2,
              "image_size": 40, "patch_size": 8}
    model = randomise(CLIPModel(CLIPConfig(projection_dim=24, text_config=text, vision_config=vision)))
    weights = original_names.clip(dict(model.state_dict()))
    weights["transformer.resblocks.0.attn_mask"] = torch.zeros(positions, positions)
    torch.jit.save(torch.jit.script(nested(weights)), folder / "model" / "ViT-tiny.pt")
    tokenizer = AutoTokenizer.from_pretrained(DATA / "clip-quickgelu" / "model")
    processor = CLIPImageProcessorPil(size={"shortest_edge": 40}, crop_size={"height": 40, "width": 40})
    scale = model.logit_scale.exp().item()

    def features(output):
        return output.pooler_output if hasattr(output, "pooler_output") else output

    def text_of(ids):
        return features(model.get_text_features(input_ids=ids))

    def image_of(values):
        return features(model.get_image_features(pixel_values=values))

    def pair(ids, values):
        return {"logit": scale * sum(a * b for a, b in zip(rows(text_of(ids)), rows(image_of(values))))}

    case(folder, encode(tokenizer, positions), prepare(processor), text_of, image_of, pair)


def blip():
    folder = start("blip-salesforce", "blip-itm", ["vocab.txt"])
    positions = 40
    text = {"hidden_size": 64, "encoder_hidden_size": 128, "intermediate_size": 80, "num_hidden_layers": 2,
            "num_attention_heads": 1, "vocab_size": 1500, "max_position_embeddings": positions,
            "layer_norm_eps": 1e-12, "bos_token_id": 1, "eos_token_id": 1, "sep_token_id": 1, "pad_token_id": 0}
    vision = {"hidden_size": 128, "intermediate_size": 80, "num_hidden_layers": 1, "num_attention_heads": 2,
              "image_size": 48, "patch_size": 16, "layer_norm_eps": 1e-6}
    config = BlipConfig(text_config=text, vision_config=vision, image_text_hidden_size=24)
    model = randomise(BlipForImageTextRetrieval(config))
    halves = {name: tensor.half() if tensor.is_floating_point() else tensor
              for name, tensor in original_names.blip(dict(model.state_dict())).items()}
    torch.save({"model": halves, "epoch": 5}, folder / "model" / "model_tiny_retrieval.pth")
    tokenizer = AutoTokenizer.from_pretrained(DATA / "blip-itm" / "model")
    processor = BlipImageProcessorPil(size={"height": 48, "width": 48})

    def text_of(ids):
        return model.text_proj(model.text_encoder(input_ids=ids).last_hidden_state[:, 0])

    def image_of(values):
        return model.vision_proj(model.vision_model(pixel_values=values).last_hidden_state[:, 0])

    def pair(ids, values):
        two = model(input_ids=ids, pixel_values=values, use_itm_head=True).itm_score[0]
        logit = (two[1] - two[0]).item()
        return {"logit": logit, "probability": torch.sigmoid(torch.tensor(logit)).item()}

    case(folder, encode(tokenizer, positions), prepare(processor), text_of, image_of, pair)


if __name__ == "__main__":
    torch.save({"visual.layer1.0.conv1.weight": torch.zeros(1)}, DATA / "torch-files" / "clip_resnet.pt")
    with torch.no_grad():
        clip()
        blip()
