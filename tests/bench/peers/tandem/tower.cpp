// The vision tower alone: pixels in memory to embeddings, to image tokens, or to both.
#include <algorithm>
#include <memory>

#include "command.h"
#include "measure.h"
#include "products.h"
#include "tandem/image.h"
#include "tandem/indexing.h"
#include "tandem/model.h"

namespace tandem::bench {
namespace {

struct Arguments {
  std::string model;
  std::filesystem::path pictures;
  std::vector<std::size_t> batches;
  std::size_t repeats = 5;
  bool tokens = false;
  bool stored = false;
  bool beside_products = false;
};

nlohmann::json run(const Arguments& arguments, const ModelOptions& options) {
  const auto model = Model::load(arguments.model, options);
  std::vector<std::filesystem::path> paths = find_pictures(std::span(&arguments.pictures, 1));
  const std::size_t most = std::ranges::max(arguments.batches);
  if (paths.size() < most) throw Error(ErrorCode::kInvalidArgument, "fewer pictures than the largest batch");
  paths.resize(most);
  std::vector<ImageInput> pixels;
  for (const auto& path : paths) pixels.push_back(model->preprocess(load_image(path)));
  const ImageOutputs outputs{.embedding = arguments.stored || !arguments.tokens,
                             .tokens = arguments.stored || arguments.tokens};
  const auto encode = [&](std::size_t count) {
    return model->encode_images(std::span(pixels).first(count), outputs);
  };

  nlohmann::json sample = nlohmann::json::array();
  for (const EncodedImage& image : encode(std::min<std::size_t>(4, most))) {
    const Matrix& values = arguments.tokens ? image.tokens : image.embedding;
    sample.push_back(std::vector(values.data(), values.data() + std::min<std::size_t>(64, values.size())));
  }
  nlohmann::json runs = nlohmann::json::array();
  for (const std::size_t batch : arguments.batches) {
    runs.push_back(
        time_stage([&] { encode(batch); }, arguments.repeats, options.precision, arguments.beside_products));
    runs.back()["batch"] = batch;
  }
  return {{"runs", std::move(runs)}, {"sample", std::move(sample)}};
}

}  // namespace

Command add_tower(CLI::App& app, const ModelOptions& options) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("tower", "The vision tower alone, by batch size");
  command->add_option("MODEL", arguments->model)->required();
  command->add_option("--pictures", arguments->pictures)->required();
  command->add_option("--batches", arguments->batches, "Sizes, each in turn")->required();
  command->add_option("--repeats", arguments->repeats);
  command->add_flag("--tokens", arguments->tokens, "To image tokens, not embeddings");
  command->add_flag("--stored", arguments->stored, "To both, as a gallery stores them");
  command->add_flag("--beside-products", arguments->beside_products, kBesideProducts);
  return {command, [arguments, &options] { return run(*arguments, options); }};
}

}  // namespace tandem::bench
