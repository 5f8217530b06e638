"""One search from nothing with Hugging Face transformers: the program that a user would write.

    hf_search.py CLIP_FOLDER EMBEDDINGS.npy TEXT THREADS
"""

import sys

import numpy
import torch
from transformers import CLIPModel, CLIPProcessor

folder, embeddings, text, threads = sys.argv[1:]
torch.set_num_threads(int(threads))
model = CLIPModel.from_pretrained(folder)
processor = CLIPProcessor.from_pretrained(folder)
with torch.inference_mode():
    output = model.get_text_features(**processor(text=[text], return_tensors="pt"))
query = torch.nn.functional.normalize(output if torch.is_tensor(output) else output.pooler_output, dim=-1)[0].numpy()
similarities = numpy.load(embeddings) @ query
for row in numpy.argsort(-similarities)[:10]:
    print(row, similarities[row], flush=True)
