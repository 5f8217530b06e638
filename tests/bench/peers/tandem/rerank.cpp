// One text against candidates whose image tokens lie in memory: the cross-encoder alone.
#include <algorithm>
#include <memory>

#include "command.h"
#include "measure.h"
#include "products.h"
#include "tandem/encoders.h"

namespace tandem::bench {
namespace {

struct Arguments {
  std::string model;
  std::string tokens;
  std::string text;
  std::vector<std::size_t> candidates;
  std::size_t image_tokens = 0;  // of each picture, the first ones; 0: all
  std::size_t repeats = 5;
  bool beside_products = false;
};

nlohmann::json run(const Arguments& arguments, const ModelOptions& options) {
  const auto model = Model::load(arguments.model, options);
  const CrossEncoder encoder(model);
  const ModelInfo& info = model->info();
  const std::vector<float> stored = read_floats(arguments.tokens);
  const std::size_t image_size = info.max_image_tokens * info.image_token_width;
  const std::size_t images = stored.size() / image_size;

  const std::size_t rows = arguments.image_tokens > 0 ? arguments.image_tokens : info.max_image_tokens;
  // As many tokens of their own as there are candidates; behind the last picture they begin again.
  std::vector<Matrix> tokens;
  for (std::size_t i = 0; i < std::ranges::max(arguments.candidates); ++i) {
    Matrix& copy = tokens.emplace_back(rows, info.image_token_width);
    std::copy_n(stored.data() + i % images * image_size, copy.size(), copy.data());
  }
  const std::vector<MatrixView> views(tokens.begin(), tokens.end());
  const auto score = [&](std::size_t count) {
    return encoder.score(arguments.text, std::span(views).first(count));
  };

  score(1);  // what is set up once
  nlohmann::json runs = nlohmann::json::array();
  for (const std::size_t count : arguments.candidates) {
    runs.push_back(
        time_stage([&] { score(count); }, arguments.repeats, options.precision, arguments.beside_products));
    runs.back()["candidates"] = count;
  }
  return {{"runs", std::move(runs)},
          {"logits", score(std::min(images, views.size()))},
          {"text_tokens", model->tokenizer().encode(arguments.text).size()}};
}

}  // namespace

Command add_rerank(CLI::App& app, const ModelOptions& options) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("rerank", "One text against image tokens in memory");
  command->add_option("MODEL", arguments->model)->required();
  command->add_option("--tokens", arguments->tokens, "Image tokens as plain float32")->required();
  command->add_option("--text", arguments->text)->required();
  command->add_option("--candidates", arguments->candidates, "How many, each in turn")->required();
  command->add_option("--image-tokens", arguments->image_tokens, "Of each picture, the first; 0: all");
  command->add_option("--repeats", arguments->repeats);
  command->add_flag("--beside-products", arguments->beside_products, kBesideProducts);
  return {command, [arguments, &options] { return run(*arguments, options); }};
}

}  // namespace tandem::bench
