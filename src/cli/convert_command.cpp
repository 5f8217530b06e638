#include "cli/command.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "tandem/convert.h"

namespace tandem::cli {
namespace {

struct ConvertArguments {
  std::string from;
  std::string to;
  std::string type = "fp32";
};

int run_convert(const ConvertArguments& arguments, const Context& context) {
  ProgressDisplay display(progress_style(context.common.quiet));
  ConvertOptions options;
  options.type = parse_weight_type(arguments.type);
  options.stop = context.stop;
  options.on_progress = [&](std::uint64_t done, std::uint64_t total) { display.show(done, total); };
  convert_model(arguments.from, arguments.to, options);
  display.clear();
  if (context.common.json) {
    print_json({{"from", arguments.from}, {"to", arguments.to}, {"dtype", arguments.type}});
  } else if (!context.common.quiet) {
    print_line(one_line(arguments.to) + " is ready to be loaded, in " + arguments.type);
  }
  return 0;
}

}  // namespace

Command add_convert_command(CLI::App& app) {
  auto arguments = std::make_shared<ConvertArguments>();
  CLI::App* command = app.add_subcommand("convert", "Write a model of any layout as one clean folder");
  command->add_option("IN", arguments->from, "Folder of the model")->required();
  command->add_option("OUT", arguments->to, "New or empty folder")->required();
  command->add_option("--dtype", arguments->type, "Type of the weights (default fp32)")
      ->type_name("TYPE")
      ->check(CLI::IsMember({"fp32", "fp16", "bf16", "int8"}));
  command->footer(
      "OUT gets config.json, model.safetensors, tokenizer and preprocessing, and gives the same numbers as "
      "IN;\n"
      "fp16 and bf16 halve the weights and round them; int8 leaves a quarter of matrices, and rounds them "
      "more.\n"
      "\n"
      "Examples:\n"
      "  tandem convert oscar-joint-flickr30k oscar\n"
      "  tandem convert blip-original blip --dtype bf16");
  return {command, [arguments](const Context& context) { return run_convert(*arguments, context); }};
}

}  // namespace tandem::cli
