// Losses of retrieval training, on tensors.
//
// Reference: the paper's code (github.com/UKPLab/MMT-Retrieval), unless another source is named. Embeddings
// need not be of length 1: cosines are taken. All losses are means over the batch, so that its size does not
// change the rate.
#pragma once

#include <torch/torch.h>

#include "tandem/training.h"

namespace tandem::training {

// rows × columns: cosines of all captions (rows, n × d) with all pictures. Pictures: m × d, or m × r × d with
// several embeddings each, of which the nearest counts.
at::Tensor cosines(const at::Tensor& captions, const at::Tensor& images);

// BatchHardTripletLoss. `cosines`: n × n, right pairs on the diagonal; `labels`: n, int64, of the pictures,
// so that a second caption of one picture is no negative.
at::Tensor batch_hard_triplet(const at::Tensor& cosines, const at::Tensor& labels, double margin);

// SampledHardTripletLoss. positives: n, cosines of the right pairs; for each n × k: of the caption with wrong
// pictures, of the picture with wrong captions. The mean over all of them, not the hardest.
at::Tensor sampled_triplet(const at::Tensor& positives, const at::Tensor& wrong_images,
                           const at::Tensor& wrong_captions, double margin);

// NTXentLossTriplet: each picture among all captions. logits: n × n, captions × pictures.
at::Tensor nt_xent(const at::Tensor& logits);
// Both ways (CLIP; Radford et al., 2021). Other captions of the same picture are left out of the sums.
at::Tensor info_nce(const at::Tensor& logits, const at::Tensor& labels);
// SigLIP (Zhai et al., ICCV 2023): the sum over each row's pairs.
at::Tensor sigmoid_pairwise(const at::Tensor& logits, const at::Tensor& labels);

// CrossEntropyLoss of two classes by their difference. logits: n, log-odds; matches: n, 0 or 1.
at::Tensor match_cross_entropy(const at::Tensor& logits, const at::Tensor& matches);

// Cross-entropy of the right one among k candidates (localized contrastive estimation; Gao, Dai & Callan,
// ECIR 2021). logits: n × k, the right one first.
at::Tensor match_listwise(const at::Tensor& logits);

// n × k each, of the same candidates, the right one first. kKl: Kullback-Leibler divergence of the student's
// softmax from the teacher's. kMarginMse: squared difference of the margins between the right one and each
// other (Hofstätter et al., 2020).
at::Tensor distillation(DistillationLoss kind, const at::Tensor& student, const at::Tensor& teacher);

}  // namespace tandem::training
