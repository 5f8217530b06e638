"""Writes a model folder of the size that is published as "base", with random weights.

    make_base_checkpoint.py blip OUT --captions examples/photos/captions.jsonl
    make_base_checkpoint.py clip OUT --captions examples/photos/captions.jsonl

blip: BLIP for image-text retrieval, ViT-B/16 at 384 pixels, BERT-base with cross-attention.
clip: CLIP ViT-B/32.
The tokenizer is trained on the English captions of the file, so that nothing has to be fetched. Such weights find
nothing; they serve to time two programs on the same folder, and to compare their scores number by number.
"""

import argparse
import json
import pathlib

import torch

BERT_TOKENS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
CLIP_START, CLIP_END = "<|startoftext|>", "<|endoftext|>"
CLIP_WORDS = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"


def read_captions(path):
    return [text for line in path.read_text("utf-8").splitlines() for text in json.loads(line)["captions"]]


def write_blip(folder, captions):
    from tokenizers import BertWordPieceTokenizer
    from transformers import BertTokenizerFast, BlipConfig, BlipForImageTextRetrieval, BlipImageProcessor, BlipProcessor
    learnt = BertWordPieceTokenizer(lowercase=True)
    learnt.train_from_iterator(captions, vocab_size=30522, min_frequency=1, special_tokens=BERT_TOKENS,
                               show_progress=False)
    learnt.save_model(str(folder))
    tokenizer = BertTokenizerFast(vocab=str(folder / "vocab.txt"), do_lower_case=True)
    # Written out, as the defaults of the classes are not the published sizes: BlipTextConfig() has 8 heads, and
    # BlipVisionConfig() draws weights of 1e-10, which makes all pictures look the same.
    shared = dict(hidden_size=768, num_attention_heads=12, num_hidden_layers=12, intermediate_size=3072)
    config = BlipConfig(
        text_config=dict(shared, layer_norm_eps=1e-12, max_position_embeddings=512, vocab_size=30524,
                         encoder_hidden_size=768, bos_token_id=30522, sep_token_id=tokenizer.sep_token_id,
                         pad_token_id=tokenizer.pad_token_id),
        vision_config=dict(shared, image_size=384, patch_size=16, initializer_range=0.02),
        image_text_hidden_size=256)
    BlipForImageTextRetrieval(config).save_pretrained(folder)
    processor = BlipImageProcessor(size={"height": 384, "width": 384})
    BlipProcessor(processor, tokenizer).save_pretrained(folder)


def train_clip_tokenizer(captions):
    """Returns it with the pipeline of CLIP's own: NFC, lower case, words by a pattern, byte-level BPE with </w>."""
    from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
    tokenizer = Tokenizer(models.BPE(end_of_word_suffix="</w>", unk_token=CLIP_END))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(CLIP_WORDS), "removed", invert=True),
         pre_tokenizers.ByteLevel(add_prefix_space=False)])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(captions, trainers.BpeTrainer(
        vocab_size=49406, min_frequency=1, end_of_word_suffix="</w>", show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    tokenizer.add_special_tokens([CLIP_START, CLIP_END])
    start, end = (tokenizer.token_to_id(token) for token in (CLIP_START, CLIP_END))
    tokenizer.post_processor = processors.RobertaProcessing((CLIP_END, end), (CLIP_START, start), trim_offsets=False,
                                                            add_prefix_space=False)
    return tokenizer, start, end


def write_clip(folder, captions):
    from transformers import CLIPConfig, CLIPImageProcessor, CLIPModel, CLIPProcessor, CLIPTokenizerFast
    learnt, start, end = train_clip_tokenizer(captions)
    bpe = json.loads(learnt.to_str())["model"]
    vocabulary = {**bpe["vocab"], CLIP_START: start, CLIP_END: end}
    (folder / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False), "utf-8")
    merges = "".join(" ".join(pair) + "\n" for pair in bpe["merges"])
    (folder / "merges.txt").write_text("#version: 0.2\n" + merges, "utf-8")
    learnt.save(str(folder / "tokenizer.json"))
    tokenizer = CLIPTokenizerFast.from_pretrained(folder, model_max_length=77)
    config = CLIPConfig(text_config=dict(vocab_size=49408, bos_token_id=start, eos_token_id=end, pad_token_id=end),
                        vision_config=dict(patch_size=32, image_size=224))
    CLIPModel(config).save_pretrained(folder)
    CLIPProcessor(CLIPImageProcessor(), tokenizer).save_pretrained(folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("family", choices=["blip", "clip"])
    parser.add_argument("out", type=pathlib.Path, help="folder to write")
    parser.add_argument("--captions", type=pathlib.Path, required=True, help="what the tokenizer is trained on")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    write = {"blip": write_blip, "clip": write_clip}[arguments.family]
    write(arguments.out, read_captions(arguments.captions))


if __name__ == "__main__":
    main()
