#include "cli/command.h"
#include "cli/output.h"
#include "tandem/error.h"
#include "tandem/text.h"

namespace tandem::cli {
namespace {

struct TokenizeArguments {
  ModelChoice model;
  InputOptions inputs;
};

int run_tokenize(const TokenizeArguments& arguments, const CLI::App& app, const Context& context) {
  if (!arguments.inputs.given()) {
    throw Error(ErrorCode::kInvalidArgument, "nothing to tokenize: give --text STR or --texts-file FILE");
  }
  const std::vector<Input> inputs = arguments.inputs.read(app);
  const auto tokenizer = load_tokenizer(arguments.model.resolve());
  for (const Input& input : inputs) {
    const TokenIds ids = tokenizer->encode(input.text.text);
    if (context.common.json) {
      print_json({{"text", input.text.text}, {"ids", ids}});
    } else {
      print_line(one_line(input.text.text) + "\t" + to_line(Json(ids)));
    }
  }
  return 0;
}

}  // namespace

Command add_tokenize_command(CLI::App& app) {
  auto arguments = std::make_shared<TokenizeArguments>();
  CLI::App* command = app.add_subcommand("tokenize", "Print the token ids of texts");
  arguments->model.add_to(*command, /*matches=*/false);
  arguments->inputs.add_texts_to(*command);
  command->footer(
      "Special tokens are in, padding is out, long texts are cut to what the model reads.\n"
      "\n"
      "Example:\n"
      "  tandem tokenize --text \"a red boat\" --json");
  return {command, [arguments, command](const Context& context) {
            return run_tokenize(*arguments, *command, context);
          }};
}

}  // namespace tandem::cli
