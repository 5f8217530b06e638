// Probabilities of a match that come true as often as they say: fitted on pairs of which it is known whether
// they match, measured, and kept with the model.
//
// Values and free functions, safe to call from many threads at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "tandem/model.h"

namespace tandem {

// Pairs of a text and a picture: the logit of each, as the model gives it, and 1 where the two belong
// together, else 0.
struct MatchedPairs {
  std::vector<float> logits;
  std::vector<std::uint8_t> matches;
  std::vector<float> similarities = {};  // cosines of the embeddings; empty: not known, or another model's
};

enum class CalibrationMethod {
  kPlatt,        // scale and bias (Platt, 1999)
  kTemperature,  // scale alone, as by a temperature of 1 / scale (Guo et al., 2017); the bias is 0
};

// The most likely calibration of the pairs, by Newton's method (Lin, Lin & Weng, 2007), with Platt's targets:
// (n + 1) / (n + 2) for n matches and 1 / (n + 2) for n others, so that pairs that a logit tells apart
// without fault do not ask for an infinite scale. With kPlatt and similarities, Calibration::fused is fitted
// in the same way, and left out where one of the two says nothing that the other does not. Throws
// InvalidArgument for no pairs, lists of two lengths, a logit that is not finite, pairs that all match or
// none of which does, and logits that are not higher for matches.
Calibration fit_calibration(const MatchedPairs& pairs, CalibrationMethod method = CalibrationMethod::kPlatt);

// How often what is said comes true, of pairs whose probability lies in one of the bins of equal width.
struct ReliabilityBin {
  std::size_t pairs = 0;
  double confidence = 0;  // mean probability; 0 without pairs
  double accuracy = 0;    // the part that matches; 0 without pairs
};

struct Reliability {
  std::vector<ReliabilityBin> bins;  // by probability, from 0 to 1
  double error = 0;                  // expected calibration error: mean |accuracy - confidence| over pairs
};

// Of the probability of a match (Guo et al., 2017); one on the border of two bins is of the lower one. Throws
// InvalidArgument for no pairs, lists of two lengths, a probability that is not within 0 and 1, and no bins.
Reliability measure_reliability(std::span<const float> probabilities, std::span<const std::uint8_t> matches,
                                std::size_t bins = 15);
// The same of probabilities by a calibration.
Reliability measure_reliability(const MatchedPairs& pairs, const Calibration& calibration,
                                std::size_t bins = 15);

// What stands in calibration.json beside the calibration, to be read by people.
struct CalibrationNotes {
  std::size_t pairs = 0;
  double ece_before = 0;  // expected calibration error on them without the calibration
  double ece_after = 0;   // and with it
  std::string data;       // where they are from
};

// Writes calibration.json, whole or not at all, into a model's folder, where Model::load() finds it. Throws
// InvalidArgument for a scale that is not above 0 or a number that is not finite, NotFound, Backend.
void save_calibration(const std::filesystem::path& model_folder, const Calibration& calibration,
                      const CalibrationNotes& notes);

}  // namespace tandem
