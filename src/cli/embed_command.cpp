#include <algorithm>

#include "cli/command.h"
#include "cli/output.h"
#include "tandem/encoders.h"
#include "tandem/error.h"
#include "tandem/regions.h"

namespace tandem::cli {
namespace {

// Inputs in memory at a time.
constexpr std::size_t kInputsAtOnce = 16;

struct EmbedArguments {
  ModelChoice model;
  InputOptions inputs;
  PictureFiles pictures;
};

void print_embedding(const char* kind, const std::string& input, std::span<const float> embedding,
                     bool json) {
  const Json values = std::vector<float>(embedding.begin(), embedding.end());
  if (json) {
    print_json({{"kind", kind}, {"input", input}, {"embedding", values}});
  } else {
    print_line(std::string(kind) + "\t" + one_line(input) + "\t" + to_line(values));
  }
}

void embed_texts(std::span<const Input> inputs, const BiEncoder& encoder, const Context& context) {
  std::vector<Text> texts;
  for (const Input& input : inputs) texts.push_back(input.text);
  const Matrix embeddings = encoder.embed_texts(texts, context.stop);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    print_embedding("text", texts[i].text, embeddings.row(i), context.common.json);
  }
}

void embed_images(std::span<const Input> inputs, PictureFiles& pictures, const BiEncoder& encoder,
                  const Context& context) {
  std::vector<Picture> images;
  for (const Input& input : inputs) images.push_back(pictures.load(input.path));
  const std::vector<Matrix> embeddings = encoder.embed_images(images, context.stop);
  for (std::size_t i = 0; i < images.size(); ++i) {
    for (std::size_t row = 0; row < embeddings[i].rows(); ++row) {
      print_embedding("image", inputs[i].path, embeddings[i].row(row), context.common.json);
    }
  }
}

int run_embed(EmbedArguments& arguments, const CLI::App& app, const Context& context) {
  if (!arguments.inputs.given()) {
    throw Error(ErrorCode::kInvalidArgument,
                "nothing to embed: give --text STR, --texts-file FILE or --image PATH");
  }
  const std::vector<Input> inputs = arguments.inputs.read(app);
  const BiEncoder encoder(arguments.model.load());
  // Neighbours of one kind are embedded together: the order of the output is that of the input.
  std::span<const Input> rest = inputs;
  while (!rest.empty()) {
    const auto end = std::ranges::find_if(rest, [&](const Input& i) { return i.kind != rest.front().kind; });
    const auto batch = rest.first(std::min<std::size_t>(kInputsAtOnce, end - rest.begin()));
    if (batch.front().kind == Input::Kind::kText) {
      embed_texts(batch, encoder, context);
    } else {
      embed_images(batch, arguments.pictures, encoder, context);
    }
    rest = rest.subspan(batch.size());
  }
  return 0;
}

}  // namespace

Command add_embed_command(CLI::App& app) {
  auto arguments = std::make_shared<EmbedArguments>();
  CLI::App* command = app.add_subcommand("embed", "Print the embeddings of texts and pictures");
  arguments->model.options.defer_tower = true;
  arguments->model.add_to(*command, /*matches=*/false);
  arguments->model.add_detector_to(*command);
  arguments->inputs.add_texts_to(*command);
  arguments->inputs.add_images_to(*command);
  arguments->pictures.add_to(*command);
  command->footer(
      "Embeddings have length 1, so that their inner product is the similarity that search prints.\n"
      "\n"
      "Example:\n"
      "  tandem embed --text \"a red boat\" --image boat.jpg --json");
  return {command,
          [arguments, command](const Context& context) { return run_embed(*arguments, *command, context); }};
}

}  // namespace tandem::cli
