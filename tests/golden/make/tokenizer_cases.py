#!/usr/bin/env python3
"""Makes tests/golden/data/tokenizers: small tokenizers of every kind and variant, with the ids that the
reference (the Python package `transformers`) gives for difficult texts.

    tokenizer_cases.py CORPUS OUT [--texts N] [--seed S]

CORPUS: a plain text file, one sentence on each line. The result is frozen in the repository; this script
is only needed to make another one. Needs transformers, tokenizers, sentencepiece.
"""
import argparse
import json
import os
import random
import unicodedata
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import sentencepiece
from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers, trainers
from transformers import BertTokenizer, CLIPTokenizer, RobertaTokenizer, SiglipTokenizer, XLMRobertaTokenizer

SPACES = ["\t", "\n", "\r", "\x0b", "\x0c", "\x1c", "\x1f", "\x85", "\xa0", "\u1680", "\u2003", "\u2028",
          "\u2029", "\u202f", "\u205f", "\u3000", " ", "  ", "   ", "\r\n", "\u200b", "\ufeff", "\u180e", "▁", "▁▁"]
SPECIALS = ["[SEP]", "[CLS]", "[MASK]", "[PAD]", "[UNK]", "[sep]", "<|endoftext|>", "<|startoftext|>",
            "<|ENDOFTEXT|>", "</s>", "<s>", "<unk>", "<pad>", "<mask>", "</w>", "##ing", "<0x41>", "[NEW]",
            "[new]", "[Word]", "<extra>", "[cls_x]", "<sym>"]
CONTRACTIONS = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d", "'S", "’s", "don't", "I'LL", "''s", "it's'd"]
WORDS = ["dog", "Hund", "chien", "pes", "the", "a", "red", "häuser", "ÉCOLE", "Straße", "İstanbul", "ΣΊΣΥΦΟΣ",
         "ΟΔΟΣ ΑΣ", "ﬁne", "ſtar", "Ǆ", "犬が走る", "한국어", "한국", "नमस्ते", "क्षत्रिय", "ไทย",
         "العربية", "עִבְרִית", "e\u0301", "E\u0301a\u0308", "🏖️", "👨‍👩‍👧‍👦", "🇩🇪🇫🇷", "①②", "½", "x²", "№5",
         "12345", "3.14", "1,000", "hello-world", "foo_bar", "a.b.c", "C++", "#tag", "@me", "$5", "50%", "a" * 130,
         "ab" * 60, "supercalifragilistic", "eee", "treeee", "oooo", "sssss", "lll", "1000000", "Zzzz", "\u1100\u1161\u11a8", "\u0958", "\u212b", "ﷺ", "\u212a", "\U0001d400bc",
         "\ufffd", "\x00", "\x07", "\x7f", "\u200d", "\xad", "\u0345", "\u1734", "\U00010400", "ⅷ", "Ⅷ"]
# Newer characters than those of this version belong to other classes in other Unicode versions.
UNICODE = unicodedata.unidata_version
assert UNICODE == "14.0.0", UNICODE


def random_character(rng):
    while True:
        kind = rng.random()
        if kind < 0.25:
            code = rng.randrange(32, 127)
        elif kind < 0.4:
            code = rng.randrange(0, 0x250)
        elif kind < 0.6:
            code = rng.choice([rng.randrange(0x250, 0x3000), rng.randrange(0x300, 0x370), rng.randrange(0x900, 0xE00)])
        elif kind < 0.8:
            code = rng.randrange(0x3000, 0x10000)
        else:
            code = rng.choice([rng.randrange(0x10000, 0x20000), rng.randrange(0x20000, 0x110000)])
        if not 0xD800 <= code < 0xE000 and unicodedata.category(chr(code)) != "Cn":
            return chr(code)


def random_text(rng, corpus):
    parts = []
    for _ in range(rng.choice([0, 1, 1, 2, 3, 5, 8])):
        kind = rng.random()
        if kind < 0.35:
            parts.append(rng.choice(WORDS))
        elif kind < 0.5:
            parts.append(rng.choice(SPECIALS))
        elif kind < 0.57:
            parts.append(rng.choice(CONTRACTIONS))
        elif kind < 0.7:
            parts.append(rng.choice(corpus)[: rng.randrange(1, 40)])
        else:
            parts.append("".join(random_character(rng) for _ in range(rng.randrange(1, 8))))
        if rng.random() < 0.7:
            parts.append(rng.choice(SPACES) if rng.random() < 0.4 else " ")
    return "".join(parts)


def fixed_texts(corpus):
    return ["", " ", "  \n\t ", "a", corpus[0], corpus[1].upper(), " ".join(corpus[:8]), "[SEP]", "</s>", " </s>",
            "a </s>", "</s> a", "<|endoftext|>", "a [SEP] b", "a[SEP]b", "▁", "▁</s>", "a  [MASK]  b", "a <mask> b",
            "x" * 100, "x" * 101, "x" * 1000, "!" * 300, "'" * 50, "  two  spaces  ", "\u0130\u03a3", "1234567890"]


def bert(folder, corpus, size=600, specials=("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"), added=(), **options):
    pad, unk, cls, sep, mask = specials
    tokenizer = Tokenizer(models.WordPiece(unk_token=unk))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=options.get("do_lower_case", True))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.train_from_iterator(corpus, trainers.WordPieceTrainer(vocab_size=size, special_tokens=list(specials),
                                                                     show_progress=False))
    names = dict(pad_token=pad, unk_token=unk, cls_token=cls, sep_token=sep, mask_token=mask)
    result = BertTokenizer(vocab=tokenizer.get_vocab(), **names, **options)
    result.add_tokens(list(added))
    result.save_pretrained(folder)
    pieces = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    (folder / "vocab.txt").write_text("".join(piece + "\n" for piece, _ in pieces), encoding="utf-8")


def train_byte_level(corpus, size, specials, **options):
    tokenizer = Tokenizer(models.BPE(**{k: v for k, v in options.items() if k == "end_of_word_suffix"}))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet() if options.get("alphabet", True) else []
    tokenizer.train_from_iterator(corpus, trainers.BpeTrainer(
        vocab_size=size, initial_alphabet=alphabet, special_tokens=list(specials), show_progress=False,
        **{k: v for k, v in options.items() if k == "end_of_word_suffix"}))
    return json.loads(tokenizer.to_str())["model"]


def save_merges(folder, vocabulary, merges):
    (folder / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False), encoding="utf-8")
    lines = ["#version: 0.2"] + [" ".join(merge) for merge in merges]
    (folder / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def clip(folder, corpus, size=900, alphabet=True, bos="<|startoftext|>", eos="<|endoftext|>", unk=None, added=()):
    model = train_byte_level([text.lower() for text in corpus], size, [bos, eos] + ([unk] if unk else []),
                             end_of_word_suffix="</w>", alphabet=alphabet)
    merges = [tuple(merge) for merge in model["merges"]]
    result = CLIPTokenizer(vocab=model["vocab"], merges=merges, bos_token=bos, eos_token=eos, unk_token=unk or eos,
                           pad_token=eos)
    result.add_tokens(list(added))
    result.save_pretrained(folder)
    save_merges(folder, model["vocab"], merges)


def roberta(folder, corpus, size=700, added=(), **options):
    model = train_byte_level(corpus, size, ["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
    merges = [tuple(merge) for merge in model["merges"]]
    result = RobertaTokenizer(vocab=model["vocab"], merges=merges, **options)
    result.add_tokens(list(added))
    result.save_pretrained(folder)
    save_merges(folder, model["vocab"], merges)


# A few replacements in place of SentencePiece's own table, which takes 240 kB in every file.
FEW_RULES = {"\u3000": " ", "\xa0": " ", "ﬁ": "fi", "①": "1", "½": "1⁄2", "ﷺ": "x y", "e\u0301": "é", "\u212b": "\xc5", "\x07": ""}


def few_rules(folder):
    path = folder / "rules.tsv"
    spell = lambda text: " ".join(f"{ord(c):X}" for c in text)
    path.write_text("".join(f"{spell(a)}\t{spell(b)}\n" for a, b in FEW_RULES.items()))
    return path


def train_sentencepiece(path, corpus, size, **options):
    if options.pop("few_rules", False):
        options["normalization_rule_tsv"] = str(few_rules(path.parent))
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(corpus), model_prefix=str(path), vocab_size=size, minloglevel=2,
        hard_vocab_limit=False, **{"model_type": "unigram", **options})
    path.with_name(path.name + ".vocab").unlink()
    (path.parent / "rules.tsv").unlink(missing_ok=True)


def xlm_roberta(folder, corpus, size=500, added=(), spm=None):
    train_sentencepiece(folder / "sentencepiece.bpe", corpus, size, **(spm or {}))
    result = XLMRobertaTokenizer.from_pretrained(folder)
    result.add_tokens(list(added))
    result.save_pretrained(folder)


def siglip(folder, corpus, size=500, added=(), spm=None, **options):
    spm = {"unk_id": 2, "pad_id": 0, "eos_id": 1, "bos_id": -1, **(spm or {})}
    train_sentencepiece(folder / "spiece", corpus, size, **spm)
    result = SiglipTokenizer(str(folder / "spiece.model"), **options)
    result.add_tokens(list(added))
    result.save_pretrained(folder)


def plain(folder, corpus, size=500, **spm):
    train_sentencepiece(folder / "sentencepiece", corpus, size, **spm)


def rewrite(path, change):
    content = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    change(content)
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def clip_older_files(folder, corpus):
    """As published folders of 2021 have it: merges as strings, normalised special tokens as objects, a shorter
    pattern, no name for what the class knows."""
    clip(folder, corpus)
    words = "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+"
    flags = dict(single_word=False, lstrip=False, rstrip=False, normalized=True)
    bos, eos = (dict(content=token, **flags) for token in ("<|startoftext|>", "<|endoftext|>"))

    def older_tokenizer(content):
        content["model"]["merges"] = [" ".join(merge) for merge in content["model"]["merges"]]
        content["pre_tokenizer"]["pretokenizers"][0]["pattern"]["Regex"] = words
        for token in content["added_tokens"]:
            token["normalized"] = True

    def older_config(content):
        content.clear()
        content.update(errors="replace", add_prefix_space=False, do_lower_case=True, model_max_length=77,
                       tokenizer_class="CLIPTokenizer", pad_token="<|endoftext|>",
                       **{name: dict(token, __type="AddedToken")
                          for name, token in [("unk_token", eos), ("bos_token", bos), ("eos_token", eos)]})

    rewrite(folder / "tokenizer.json", older_tokenizer)
    rewrite(folder / "tokenizer_config.json", older_config)
    rewrite(folder / "special_tokens_map.json",
            lambda content: content.update(bos_token=bos, eos_token=eos, unk_token=eos, pad_token="<|endoftext|>"))


def xlm_roberta_older_files(folder, corpus):
    """As published folders of 2020 have it: another spelling of Metaspace, <mask> takes the space before it."""
    xlm_roberta(folder, corpus, spm={"few_rules": True})

    def older_tokenizer(content):
        content["pre_tokenizer"]["pretokenizers"][1] = dict(type="Metaspace", replacement="▁", add_prefix_space=True)
        content["normalizer"] = dict(type="Sequence", normalizers=[
            content["normalizer"], dict(type="Replace", pattern=dict(Regex=" {2,}"), content=" ")])
        for token in content["added_tokens"]:
            token["lstrip"] = token["content"] == "<mask>"

    rewrite(folder / "tokenizer.json", older_tokenizer)
    (folder / "tokenizer_config.json").unlink()


def bert_older_files(folder, corpus):
    """tokenizer.json and a list of added tokens in tokenizer_config.json, cased by the latter."""
    bert(folder, corpus)
    names = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    flags = dict(single_word=False, lstrip=False, rstrip=False, normalized=False, special=True)
    rewrite(folder / "tokenizer_config.json", lambda content: content.update(
        do_lower_case=False, model_max_length=40, tokenizer_class="BertTokenizer",
        added_tokens_decoder={str(i): dict(content=name, **flags) for i, name in enumerate(names)}))


STRIPPED = [AddedToken("[NEW]", lstrip=True, rstrip=True), AddedToken("[Word]", single_word=True),
            AddedToken("[cls_x]", normalized=True), AddedToken("<sym>", normalized=False, rstrip=True)]

CASES = {
    "bert-cased": ("wordpiece", lambda f, c: bert(f, c, do_lower_case=False)),
    "bert-cased-stripped": ("wordpiece", lambda f, c: bert(f, c, do_lower_case=False, strip_accents=True)),
    "bert-accents-kept": ("wordpiece", lambda f, c: bert(f, c, strip_accents=False)),
    "bert-chinese-whole": ("wordpiece", lambda f, c: bert(f, c, size=900, tokenize_chinese_chars=False)),
    "bert-other-specials": ("wordpiece", lambda f, c: bert(f, c, specials=("<pad>", "<unk>", "<s>", "</s>", "<mask>"))),
    "bert-added": ("wordpiece", lambda f, c: bert(f, c, added=STRIPPED)),
    "bert-older-files": ("wordpiece", bert_older_files),
    "clip-older-files": ("clip", clip_older_files),
    "xlm-roberta-older-files": ("xlm_roberta", xlm_roberta_older_files),
    "clip-small": ("clip", lambda f, c: clip(f, c, size=560)),
    "clip-no-alphabet": ("clip", lambda f, c: clip(f, c, alphabet=False)),
    "clip-other-unknown": ("clip", lambda f, c: clip(f, c, alphabet=False, unk="<unk>", bos="<s>", eos="</s>")),
    "clip-added": ("clip", lambda f, c: clip(f, c, added=STRIPPED)),
    "roberta-prefix-space": ("roberta", lambda f, c: roberta(f, c, add_prefix_space=True)),
    "roberta-added": ("roberta", lambda f, c: roberta(f, c, added=STRIPPED)),
    "xlm-roberta-identity": ("xlm_roberta", lambda f, c: xlm_roberta(f, c, spm={"normalization_rule_name": "identity"})),
    "xlm-roberta-across-words": ("xlm_roberta", lambda f, c: xlm_roberta(
        f, c, spm={"few_rules": True, "split_by_whitespace": False})),
    "xlm-roberta-symbols": ("xlm_roberta", lambda f, c: xlm_roberta(
        f, c, spm={"user_defined_symbols": ["<sym>", "[NEW]"], "few_rules": True})),
    "xlm-roberta-added": ("xlm_roberta", lambda f, c: xlm_roberta(f, c, added=STRIPPED, spm={"few_rules": True})),
    "siglip-cased": ("siglip", lambda f, c: siglip(f, c, do_lower_case=False, spm={"few_rules": True})),
    "siglip-bytes": ("siglip", lambda f, c: siglip(
        f, c, size=900, spm={"byte_fallback": True, "few_rules": True})),
    "siglip-bpe": ("siglip", lambda f, c: siglip(f, c, spm={"model_type": "bpe", "few_rules": True})),
    "siglip-identity": ("siglip", lambda f, c: siglip(
        f, c, spm={"normalization_rule_name": "identity", "remove_extra_whitespaces": False})),
    "siglip-added": ("siglip", lambda f, c: siglip(f, c, added=["<extra>", "[NEW]"])),
    "siglip-symbols": ("siglip", lambda f, c: siglip(
        f, c, spm={"user_defined_symbols": ["<sym>", "new"], "few_rules": True})),
    "plain-unigram": ("plain", lambda f, c: plain(f, c, few_rules=True)),
    "plain-bpe-bytes": ("plain", lambda f, c: plain(
        f, c, size=700, model_type="bpe", byte_fallback=True, few_rules=True)),
}
CLASSES = {"wordpiece": BertTokenizer, "clip": CLIPTokenizer, "roberta": RobertaTokenizer,
           "xlm_roberta": XLMRobertaTokenizer, "siglip": SiglipTokenizer}


def reference_ids(kind, folder, texts, max_length):
    if kind == "plain":
        processor = sentencepiece.SentencePieceProcessor(model_file=str(folder / "sentencepiece.model"))
        return [[1] + processor.encode(text)[: max_length - 2] + [2] for text in texts]
    tokenizer = CLASSES[kind].from_pretrained(folder)
    return [tokenizer(text, truncation=True, max_length=max_length)["input_ids"] for text in texts]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--texts", type=int, default=24)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    corpus = [line for line in arguments.corpus.read_text(encoding="utf-8").split("\n") if line.strip()]
    for name, (kind, make) in CASES.items():
        folder = arguments.out / name
        folder.mkdir(parents=True, exist_ok=True)
        make(folder, corpus)
        rng = random.Random(f"{arguments.seed} {name}")
        texts = fixed_texts(corpus) + [random_text(rng, corpus) for _ in range(arguments.texts)]
        max_length = 40
        ids = reference_ids(kind, folder, texts, max_length)
        expected = {"kind": kind, "max_length": max_length,
                    "texts": [{"text": text, "input_ids": one} for text, one in zip(texts, ids)]}
        lines = ",\n".join(json.dumps(text) for text in expected.pop("texts"))
        (folder / "expected.json").write_text(json.dumps(expected)[:-1] + f', "texts": [\n{lines}\n]}}\n')
        print(name, len(texts))


if __name__ == "__main__":
    main()
