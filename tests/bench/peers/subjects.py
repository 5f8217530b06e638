"""What is compared. Each function runs its contestants and returns what they printed, by name, one a round.

Tandem at full precision stands first: the others are compared with it.
"""

import shutil

import machine
from bench import HERE
from inputs import DEFAULT_MODEL, DIMENSION, PHOTOS, TEXT

# Where the processor has no instructions for bf16, Tandem computes as in fp32, and a product of transformers takes
# minutes. Tandem multiplies numbers of that kind on AMX alone.
BF16 = [extension for extension in machine.vector_extensions() if extension.endswith("_bf16")]
PRECISIONS = ["fp32", "bf16", "int8"] if BF16 else ["fp32", "int8"]  # of Tandem
PRODUCTS = [precision for precision in PRECISIONS if precision != "bf16" or "amx_bf16" in BF16]
SHIPPED = ["shipped", "fp32", "bf16", "int8"]  # of the model that ships, at first what it takes when none is asked for
DTYPES = {"fp32": "float32", "bf16": "bfloat16"}  # of transformers
BARE_TOWER = "tower of "
CLIP_PEERS = {"transformers": "hf_clip.py", "sentence-transformers": "st_clip.py"}


def limits(bench):
    return bench.run(bench.measured_tandem("shipped", "limits"))


def rerank_contestants(bench, candidates, *options, precisions=PRECISIONS, threads=None):
    blip, tokens = bench.inputs.checkpoint("blip"), bench.inputs.image_tokens(bench.sizes.scored)
    shared = [blip, "--tokens", tokens, "--text", TEXT, "--candidates", *candidates, *options]
    return {**{f"Tandem {name}": bench.measured_tandem(name, "rerank", *shared, threads=threads)
               for name in precisions},
            **{f"transformers, tokens kept, {name}": bench.peer("hf_blip.py", "cached", *shared, "--dtype", dtype,
                                                                threads=threads)
               for name, dtype in DTYPES.items() if name in precisions}}


def rerank(bench):
    contestants = rerank_contestants(bench, bench.sizes.candidates)
    contestants["transformers, as used, fp32"] = bench.peer(
        "hf_blip.py", "as-used", bench.inputs.checkpoint("blip"), "--pictures",
        bench.inputs.pictures(bench.sizes.scored), "--text", TEXT, "--repeats", 1,
        "--candidates", *bench.sizes.candidates)
    return bench.in_turn(contestants)


# Curves, in one round. Without bf16, which would take most of the time where the processor has no AMX.

def curve(bench):
    return bench.in_turn(rerank_contestants(bench, bench.sizes.curve, precisions=["fp32", "int8"]), rounds=1)


def token_curve(bench):
    return {count: bench.in_turn(rerank_contestants(bench, [20], "--image-tokens", count,
                                                    precisions=["fp32", "int8"]), rounds=1)
            for count in bench.sizes.tokens}


def thread_curve(bench):
    return {count: bench.in_turn(rerank_contestants(bench, [20], precisions=["fp32", "int8"], threads=count), rounds=1)
            for count in range(1, bench.threads + 1)}


def tower(bench, family, batches, *tandem_options):
    shared = [bench.inputs.checkpoint(family), "--pictures", bench.inputs.pictures(bench.sizes.scored),
              "--batches", *batches]
    return {**{f"Tandem {name}": bench.measured_tandem(name, "tower", *shared, *tandem_options)
               for name in PRECISIONS},
            **{f"transformers {name}": bench.peer(f"hf_{family}.py", "tower", *shared, "--dtype", dtype)
               for name, dtype in DTYPES.items() if name in PRECISIONS}}


def tower_clip(bench):
    return bench.in_turn(tower(bench, "clip", bench.sizes.batches))


def tower_blip(bench):
    return bench.in_turn(tower(bench, "blip", bench.sizes.batches[:2], "--tokens"), rounds=1)


def shares(bench):
    """Stages of Tandem: between their runs, products that tell what the machine can do meanwhile."""
    stages = {"tower_clip": tower(bench, "clip", bench.sizes.batches[-1:], "--beside-products"),
              "tower_blip": tower(bench, "blip", bench.sizes.batches[1:2], "--tokens", "--beside-products"),
              "match_blip": rerank_contestants(bench, bench.sizes.candidates[-1:], "--beside-products")}
    return {stage: bench.in_turn({f"Tandem {precision}": contestants[f"Tandem {precision}"]
                                  for precision in PRODUCTS}) for stage, contestants in stages.items()}


def gallery(bench, name):
    return bench.folder / f"{name}.gallery"


def embeddings(bench, peer):
    return bench.folder / f"{peer}.npy"


def index_at(bench, precision, name, *options):
    return bench.tandem("index", gallery(bench, f"{name}-{precision}"), bench.inputs.pictures(bench.sizes.gallery),
                        *options, precision=precision)


def empty_gallery(command):
    """Before `tandem index GALLERY …`, which does not compute again what it finds there."""
    if command[1] == "index":
        shutil.rmtree(command[2], ignore_errors=True)


def index(bench):
    """Each program, and its vision tower alone as the machine is then."""
    clip = bench.inputs.checkpoint("clip")
    programs = {f"Tandem {precision}": index_at(bench, precision, "clip", "--model", clip)
                for precision in PRECISIONS}
    for peer, script in CLIP_PEERS.items():
        if bench.has(peer):
            programs[f"{peer} fp32"] = bench.peer(
                script, "index", clip, "--pictures", bench.inputs.pictures(bench.sizes.gallery),
                "--out", embeddings(bench, peer))
    towers = tower(bench, "clip", bench.sizes.batches[-1:])
    return bench.in_turn(with_bare_towers(programs, towers), empty_gallery, rounds=2)


def with_bare_towers(programs, towers):
    """Before each program its vision tower alone, where there is one of its name."""
    contestants = {}
    for name, command in programs.items():
        if name in towers:
            contestants[BARE_TOWER + name] = towers[name]
        contestants[name] = command
    return contestants


def index_default(bench):
    programs = {f"Tandem {precision}": index_at(bench, precision, "default") for precision in SHIPPED}
    towers = {f"Tandem {precision}": bench.measured_tandem(
        precision, "tower", DEFAULT_MODEL, "--pictures", bench.inputs.pictures(bench.sizes.scored), "--batches",
        bench.sizes.batches[-1], "--stored") for precision in SHIPPED}
    return bench.in_turn(with_bare_towers(programs, towers), empty_gallery, rounds=1)


def query(bench):
    """In the galleries of index()."""
    clip = bench.inputs.checkpoint("clip")
    contestants = {f"Tandem {precision}": bench.measured_tandem(
        precision, "query", gallery(bench, f"clip-{precision}"), "--model", clip, "--text", TEXT)
        for precision in PRECISIONS}
    for peer, script in CLIP_PEERS.items():
        if bench.has(peer):
            contestants[f"{peer} fp32"] = bench.peer(script, "query", clip, "--out", embeddings(bench, peer),
                                                     "--text", TEXT, "--repeats", 20)
    return bench.in_turn(contestants)


def query_default(bench):
    """In the galleries of index_default(): without reranking, and with it."""
    return bench.in_turn({f"Tandem {precision}": bench.measured_tandem(
        precision, "query", gallery(bench, f"default-{precision}"), "--text", TEXT, "--shortlist", 20)
        for precision in SHIPPED})


def cold(bench):
    """Whole processes. Of the two galleries, whose files and models the system has in memory."""
    default = gallery(bench, "default-shipped")
    contestants = {"Tandem, the model that ships": bench.tandem("search", default, TEXT, "--no-rerank"),
                   "Tandem, the model that ships, reranking 50": bench.tandem("search", default, TEXT)}
    if bench.has("transformers"):
        contestants["Tandem, CLIP"] = bench.tandem("search", gallery(bench, "clip-fp32"), TEXT)
        contestants["transformers, CLIP"] = [bench.python, HERE / "hf_search.py", bench.inputs.checkpoint("clip"),
                                             embeddings(bench, "transformers"), TEXT, bench.threads]
    bench.in_turn(contestants, rounds=1)  # what the system has yet to read
    return bench.in_turn(contestants, rounds=3 * bench.sizes.rounds)


def vectors(bench):
    shared = [bench.inputs.vectors(max(bench.sizes.vectors)), "--dimension", DIMENSION,
              "--sizes", *bench.sizes.vectors]
    return bench.in_turn({"Tandem": [bench.bin / "tandem_bench", "--threads", bench.threads, "vectors", *shared],
                          "FAISS": bench.peer("faiss_flat.py", "search", *shared)})


def recall(bench):
    """Of the model that ships: what each precision costs. The lines of `tandem evaluate`."""
    return {precision: bench.run_lines(bench.tandem("evaluate", "--data", bench.captions, "--language", "en",
                                                    "--k", 20, precision=precision))[1]
            for precision in SHIPPED}


def order(bench):
    """The same of the order of shortlists, among the demo photos."""
    return {precision: bench.run(bench.measured_tandem(precision, "order", PHOTOS)) for precision in SHIPPED}


def tokens(bench):
    """What storing image tokens in fewer bytes costs, among the demo photos."""
    results = {}
    for storage in ("fp16", "int8", *(f"int8:{count}" for count in (24, 16, 8))):
        place = gallery(bench, f"tokens-{storage.replace(':', '-')}")
        shutil.rmtree(place, ignore_errors=True)
        bench.run(bench.tandem("index", place, PHOTOS, "--tokens", storage))
        [info], photos = bench.run_lines(bench.tandem("info", place))[1], len(list(PHOTOS.glob("*.jpg")))
        order = bench.run(bench.measured_tandem("shipped", "order", PHOTOS, "--gallery", place))
        results[storage] = {"bytes": info["bytes"] / photos, **order}
    return results


# In this order: searches need the galleries that indexing made. With the peer that each cannot do without.
SUBJECTS = [(limits, None), (rerank, "transformers"), (curve, "transformers"),
            (token_curve, "transformers"), (thread_curve, "transformers"), (tower_clip, "transformers"),
            (tower_blip, "transformers"), (shares, "transformers"), (index, "transformers"), (index_default, None), (query, "transformers"),
            (query_default, None), (cold, None), (vectors, "faiss"), (recall, None),
            (order, None), (tokens, None)]
