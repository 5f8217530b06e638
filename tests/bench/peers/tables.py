"""From what was measured to tables in Markdown, by the names of the blocks that they fill in a page.

Times are medians over all runs of all rounds. "×" is the time of a program over that of Tandem in the first row.
"""

import statistics

import flops
import machine
import subjects
from markdown import difference, median, milliseconds, number, run_of, side_by_side, table


def by_precision(results):
    """Those of Tandem."""
    return {name.removeprefix("Tandem "): rounds for name, rounds in results.items() if name.startswith("Tandem ")}


def megabytes(rounds):
    return f"{number(max(result['peak_mb'] for result in rounds))} MB"


def limits_table(data):
    limits = data["limits"]
    return table(["limit", "value"], [["product of 2048³, fp32", f"{number(limits['fp32_gflops'])} GFLOP/s"],
                                      ["the same, bf16", f"{number(limits['bf16_gflops'])} GFLOP/s"],
                                      ["the same, int8 to int32", f"{number(limits['int8_gops'])} Gop/s"],
                                      ["reading memory", f"{number(limits['reading_gbs'])} GB/s"]])


def rerank_table(data):
    results = data["rerank"]
    counts = [run["candidates"] for run in results["Tandem fp32"][0]["runs"]]
    return side_by_side(results, "candidates", {str(count): run_of("candidates", count) for count in counts},
                        milliseconds, {"memory at most": megabytes})


def curve_table(data):
    results = data["curve"]
    counts = [run["candidates"] for run in results["Tandem fp32"][0]["runs"]]
    rows = [[count, *(milliseconds("", median(rounds, run_of("candidates", count))) for rounds in results.values())]
            for count in counts]
    return table(["candidates", *results], rows)


def few_table(name, head):
    def make(data):
        results = data[name]
        contestants = next(iter(results.values()))
        rows = [[count, *(milliseconds("", median(rounds, run_of("candidates", 20))) for rounds in measured.values())]
                for count, measured in results.items()]
        return table([head, *contestants], rows)
    return make


def tower_table(name):
    def make(data):
        results = data[name]
        sizes = [run["batch"] for run in results["Tandem fp32"][0]["runs"]]
        return side_by_side(results, "pictures at once: pictures/s",
                            {str(size): run_of("batch", size) for size in sizes},
                            lambda size, seconds: number(int(size) / seconds))
    return make


def pictures_per_second(rounds):
    return statistics.median(result["images"] / result["seconds"] for result in rounds)


def tower_rate(rounds):
    runs = [run for result in rounds for run in result["runs"]]
    return runs[0]["batch"] / statistics.median(sum((run["seconds"] for run in runs), []))


def index_table(results, first_column, label=lambda name: name):
    """With the part of the program's own vision tower, where that was measured."""
    base, rows = None, []
    for name, rounds in results.items():
        if name.startswith(subjects.BARE_TOWER):
            continue
        rate, bare = pictures_per_second(rounds), results.get(subjects.BARE_TOWER + name)
        base = base or rate
        share = f"{rate / tower_rate(bare):.0%}" if bare else ""
        rows.append([label(name), number(rate), f"×{base / rate:.2f}", share, megabytes(rounds)])
    return table([first_column, "pictures/s", "×", "of its bare tower", "memory at most"], rows)


def index_clip_table(data):
    return index_table(data["index"], "program")


def index_default_table(data):
    return index_table(data["index_default"], "precision", lambda name: name.removeprefix("Tandem "))


def query_table(data):
    return side_by_side(data["query"], "program", {"one query": lambda result: result["seconds"]}, milliseconds)


def query_default_table(data):
    rows = []
    for precision, rounds in by_precision(data["query_default"]).items():
        plain = median(rounds, lambda result: result["seconds"])
        reranked = median(rounds, lambda result: result["reranked"]["seconds"])
        rows.append([precision, milliseconds("", plain), milliseconds("", reranked), f"×{reranked / plain:.2f}"])
    return table(["precision", "without reranking", "20 reranked", "×"], rows)


def recall_table(data):
    methods = {"emb": "by similarity", "coop": "20 reranked"}
    rows = []
    for precision, lines in data["recall"].items():
        for line in lines:
            if line["direction"] == "text_to_image":
                recall = " / ".join(f"{100 * line['recall'][k]:.1f}" for k in ("1", "5", "10"))
                rows.append([precision, methods[line["method"]], line["images"], line["queries"], recall])
    return table(["precision", "order", "pictures", "captions", "recall at 1 / 5 / 10"], rows)


def order_table(data):
    return table(["precision", "captions", "Kendall's τ", "the same picture first"],
                 [[precision, result["texts"], f"{result['kendall_tau']:.3f}", f"{result['same_first']:.1%}"]
                  for precision, result in data["order"].items()])


def tokens_table(data):
    return table(["--tokens", "gallery, a picture", "Kendall's τ", "the same picture first", "recall at 1"],
                 [[storage, f"{result['bytes'] / 1000:.1f} kB", f"{result['kendall_tau']:.3f}",
                   f"{result['same_first']:.1%}", f"{100 * result['recall_at_1']:.1f}"]
                  for storage, result in data["tokens"].items()])


def cold_table(data):
    results = data["cold"]
    base = median(next(iter(results.values())), lambda result: [result["first_line_s"]])
    rows = []
    for name, rounds in results.items():
        seconds = median(rounds, lambda result: [result["first_line_s"]])
        rows.append([name, f"{number(seconds)} s", f"×{seconds / base:.2f}",
                     megabytes(rounds)])
    return table(["program", "to the first result", "×", "memory at most"], rows)


def vectors_table(data):
    sizes = [run["size"] for run in data["vectors"]["Tandem"][0]["runs"]]
    return side_by_side(data["vectors"], "vectors", {f"{size:,}": run_of("size", size) for size in sizes},
                        lambda _, seconds: f"{number(seconds * 1e6)} µs")


def agreement_table(data):
    """Of each thing that two programs compute: how far they differ, and how far the values themselves vary."""
    rows = []

    def compare(what, reference, values):
        for name in values:
            if name != reference:
                rows.append([what, name, f"{difference(values[reference], values[name]):.1e}",
                             f"{statistics.stdev(values[reference]):.2g}"])

    compare("logits of BLIP", "transformers, tokens kept, fp32",
            {name: rounds[0]["logits"] for name, rounds in data["rerank"].items() if "logits" in rounds[0]})
    for what, subject in (("embeddings of CLIP", "tower_clip"), ("image tokens of BLIP", "tower_blip")):
        compare(what, "transformers fp32",
                {name: sum(rounds[0]["sample"], []) for name, rounds in data[subject].items()})
    compare("similarities of ten hits", "transformers fp32",
            {name: rounds[0]["similarities"] for name, rounds in data["query"].items()})
    return table(["of", "program", "largest difference to transformers in fp32", "standard deviation"], rows)


def limits_beside(rounds):
    """Operations a second by precision, of the products between the runs of a stage: medians, as its time is."""
    limits = [result["runs"][0]["limits"] for result in rounds]
    return {precision: 1e9 * statistics.median(sum((limit[precision] for limit in limits), []))
            for precision in limits[0]}


def shares_table(data):
    vision, text = (data["configs"]["blip"][f"{part}_config"] for part in ("vision", "text"))
    matches = flops.match(text, flops.vision_tokens(vision), data["shares"]["match_blip"]["Tandem fp32"][0]["text_tokens"])
    stages = {"tower_clip": ("vision tower of CLIP, {} at once", "batch",
                             {"": flops.vision_tower(data["configs"]["clip"]["vision_config"])}),
              "tower_blip": ("vision tower of BLIP, {} at once", "batch", {"": flops.vision_tower(vision)}),
              "match_blip": ("match of BLIP, {} candidates", "candidates", matches)}
    rows = []
    for stage, (title, key, ways) in stages.items():
        for precision, rounds in by_precision(data["shares"][stage]).items():
            count = rounds[0]["runs"][0][key]
            seconds = median(rounds, run_of(key, count)) / count
            limits = limits_beside(rounds)
            for way, work in ways.items():
                rows.append([title.format(count), way, precision, number(work.whole / 1e9),
                             number(work.whole / seconds / 1e9), number(limits[precision] / 1e9),
                             f"{work.seconds(precision, limits) / seconds:.0%}"])
    return table(["stage", "counted as", "precision", "GFLOP each", "GFLOP/s", "limit meanwhile", "of the limit"], rows)


# What each block is made from, and which subjects it needs.
BLOCKS = {"machine": (lambda data: machine.as_text(data["machine"], data["limits"]["libtorch"]), ["machine", "limits"]),
          "limits": (limits_table, ["limits"]),
          "rerank": (rerank_table, ["rerank"]),
          "curve": (curve_table, ["curve"]),
          "token_curve": (few_table("token_curve", "tokens of a picture"), ["token_curve"]),
          "thread_curve": (few_table("thread_curve", "threads"), ["thread_curve"]),
          "tower_clip": (tower_table("tower_clip"), ["tower_clip"]),
          "tower_blip": (tower_table("tower_blip"), ["tower_blip"]),
          "index": (index_clip_table, ["index"]),
          "index_default": (index_default_table, ["index_default"]),
          "query": (query_table, ["query"]),
          "query_default": (query_default_table, ["query_default"]),
          "recall": (recall_table, ["recall"]),
          "order": (order_table, ["order"]),
          "tokens": (tokens_table, ["tokens"]),
          "cold": (cold_table, ["cold"]),
          "vectors": (vectors_table, ["vectors"]),
          "agreement": (agreement_table, ["rerank", "tower_clip", "tower_blip", "query"]),
          "shares": (shares_table, ["shares"])}


def blocks(data):
    return {name: make(data) for name, (make, needed) in BLOCKS.items() if all(part in data for part in needed)}
