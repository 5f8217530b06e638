// Values and gradients of the losses against the paper's code (data/training/losses).
//
// Tolerance: 1e-5, the reference's own; single precision, two orders of summation.
#include "training/losses.h"

#include "golden/training/golden_tensors.h"

namespace tandem::training {
namespace {

using golden::difference;
using nlohmann::json;

constexpr double kTolerance = 1e-5;

class Losses : public ::testing::Test {
 protected:
  Losses() : tensors_(golden::training_data() / "losses" / "tensors.safetensors") {}

  // An input of the loss, to which gradients flow.
  at::Tensor input(const std::string& name) {
    inputs_.emplace_back(name, tensors_[name].requires_grad_(true));
    return inputs_.back().second;
  }

  at::Tensor loss(const json& expected) {
    const std::string name = expected["name"].get<std::string>() + ".";
    const std::string kind = expected["kind"];
    const auto labels = [&] { return torch::tensor(expected["labels"].get<std::vector<std::int64_t>>()); };
    if (kind == "CrossEntropyLoss") {
      const at::Tensor logits = input(name + "logits");
      return match_cross_entropy(logits.select(1, 1) - logits.select(1, 0), labels());
    }
    if (kind == "SampledHardTripletLoss") return sampled(name, expected);
    const at::Tensor captions = input(name + "captions"), images = input(name + "images");
    if (kind == "BatchHardTripletLoss") {
      return batch_hard_triplet(cosines(captions, images), labels(), expected["margin"]);
    }
    if (kind == "NTXentLossTriplet") {
      return nt_xent(cosines(captions, images) * expected["scale"].get<double>());
    }
    ADD_FAILURE() << kind;
    return {};
  }

  at::Tensor sampled(const std::string& name, const json& expected) {
    const at::Tensor caption = input(name + "captions0"), image = input(name + "images0");
    const auto cosine = [](const at::Tensor& a, const at::Tensor& b) { return cosines(a, b).diagonal(); };
    std::vector<at::Tensor> wrong_images, wrong_captions;
    for (int k = 1; k <= expected["negatives"].get<int>(); ++k) {
      wrong_images.push_back(cosine(caption, input(name + "images" + std::to_string(k))));
      wrong_captions.push_back(cosine(input(name + "captions" + std::to_string(k)), image));
    }
    return sampled_triplet(cosine(caption, image), at::stack(wrong_images, 1), at::stack(wrong_captions, 1),
                           expected["margin"]);
  }

  golden::GoldenTensors tensors_;
  std::vector<std::pair<std::string, at::Tensor>> inputs_;
};

TEST_F(Losses, AreTheReferencesInValueAndGradient) {
  const json all = golden::read_json(golden::training_data() / "losses" / "expected.json");
  ASSERT_EQ(all["losses"].size(), 10);
  for (const json& expected : all["losses"]) {
    SCOPED_TRACE(expected["name"].get<std::string>());
    inputs_.clear();
    const at::Tensor value = loss(expected);
    value.backward();
    EXPECT_NEAR(value.item<double>(), expected["loss"].get<double>(), kTolerance);
    for (const auto& [name, tensor] : inputs_) {
      EXPECT_LE(difference(tensor.grad(), tensors_[name + ".grad"]), kTolerance) << name;
    }
  }
}

}  // namespace
}  // namespace tandem::training
