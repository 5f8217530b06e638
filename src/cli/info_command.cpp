#include "cli/calibration_json.h"
#include "cli/command.h"
#include "cli/index_report.h"
#include "cli/output.h"
#include "tandem/error.h"
#include "tandem/gallery.h"
#include "tandem/text.h"

namespace tandem::cli {
namespace {

struct InfoArguments {
  std::string path;
  bool skipped = false;
  bool families = false;
};

// Names and values, one below the other; strings without their quotes.
void print_fields(const Json& fields) {
  for (const auto& [name, value] : fields.items()) {
    const std::string text = value.is_string() ? value.get<std::string>() : to_line(value);
    print_line(name + std::string(name.size() < 26 ? 26 - name.size() : 1, ' ') + one_line(text));
  }
}

Json fields_of(const GalleryModel& model) {
  Json fields = {{"model", model.family},
                 {"model_path", model.path.string()},
                 {"weights_fingerprint", model.weights_fingerprint},
                 {"preprocessing_fingerprint", model.preprocessing_fingerprint}};
  fields["tower_precision"] = to_string(model.tower_precision);
  if (!model.detector.empty()) fields["detector"] = model.detector.string();
  return fields;
}

Json fields_of(const ApproximateIndex& index) {
  return {{"index", index.spec},
          {"images", index.images},
          {"recall", index.recall ? Json(static_cast<float>(*index.recall)) : Json()}};
}

Json gallery_fields(const GalleryInfo& info) {
  Json fields = {{"gallery", info.path.string()},
                 {"format_version", info.format_version},
                 {"images", info.images},
                 {"captions", info.captions},
                 {"skipped", info.skipped}};
  fields.update(fields_of(info.model));
  if (info.reranker) fields["reranker"] = fields_of(*info.reranker);
  fields.update({{"dim", info.dimension},
                 {"embedding_rows", info.embedding_rows},
                 {"tokens", to_string(info.tokens)},
                 {"token_width", info.token_width},
                 {"max_tokens", info.max_tokens > 0 ? Json(info.max_tokens) : Json()},
                 {"index", info.index_spec},
                 {"approximate_index", info.approximate ? fields_of(*info.approximate) : Json()},
                 {"bytes", info.bytes},
                 {"hole_bytes", info.hole_bytes}});
  return fields;
}

Json model_fields(const Model& model) {
  const ModelInfo& info = model.info();
  return {{"model", info.family},
          {"model_path", info.path.string()},
          {"embed_text", info.capabilities.embed_text},
          {"embed_image", info.capabilities.embed_image},
          {"match", info.capabilities.match},
          {"rerank_by_default", info.rerank_by_default},
          {"match_precision", to_string(info.match_precision)},
          {"calibration", info.capabilities.match ? json_of(info.calibration) : Json()},
          {"dim", info.embedding_dim},
          {"embedding_rows", info.embedding_rows},
          {"max_image_tokens", info.max_image_tokens},
          {"image_token_width", info.image_token_width},
          {"max_text_tokens", info.max_text_tokens},
          {"vocabulary", model.tokenizer().vocabulary_size()},
          {"weights_fingerprint", info.weights_fingerprint},
          {"preprocessing_fingerprint", info.preprocessing_fingerprint}};
}

void print_model(const std::filesystem::path& folder, bool json) {
  const Json fields = model_fields(*Model::load(folder));
  json ? print_json(fields) : print_fields(fields);
}

void print_gallery(const std::filesystem::path& folder, bool with_skipped, bool json) {
  const auto gallery = Gallery::open(folder);
  Json fields = gallery_fields(gallery->info());
  const std::vector<SkippedRecord> skipped = with_skipped ? gallery->skipped() : std::vector<SkippedRecord>();
  if (!json) {
    print_fields(fields);
    for (const SkippedRecord& skip : skipped) print_line(line_of(skip));
    return;
  }
  if (with_skipped) {
    Json& list = fields["skipped_files"] = Json::array();
    for (const SkippedRecord& skip : skipped) {
      list.push_back({{"path", skip.path.string()}, {"code", to_string(skip.code)}, {"reason", skip.reason}});
    }
  }
  print_json(fields);
}

const char* reads(const FamilyInfo& family) { return family.reads_regions ? "regions" : "photos"; }

Json family_fields(const FamilyInfo& family) {
  return {{"family", family.name},
          {"embed_text", family.capabilities.embed_text},
          {"embed_image", family.capabilities.embed_image},
          {"match", family.capabilities.match},
          {"reads", reads(family)}};
}

// A table of Markdown, as models/README.md has it.
void print_family_table() {
  const auto word = [](bool can) { return can ? "yes" : "no"; };
  print_line("| family (`model_type`) | embeds texts | embeds pictures | matches (reranks) | reads |");
  print_line("|---|---|---|---|---|");
  for (const FamilyInfo& family : model_families()) {
    const Capabilities& can = family.capabilities;
    std::string row = "| `" + std::string(family.name) + "`";
    for (const char* cell : {word(can.embed_text), word(can.embed_image), word(can.match), reads(family)}) {
      row += std::string(" | ") + cell;
    }
    print_line(row + " |");
  }
}

void print_families(bool json) {
  if (!json) return print_family_table();
  for (const FamilyInfo& family : model_families()) print_json(family_fields(family));
}

int run_info(const InfoArguments& arguments, const Context& context) {
  if (arguments.families) {
    print_families(context.common.json);
    return 0;
  }
  if (arguments.path.empty()) {
    throw Error(ErrorCode::kInvalidArgument, "nothing to tell about: give a gallery, a model or --families");
  }
  const auto folder = absolute_path(arguments.path);
  if (!is_model_folder(folder)) {
    print_gallery(folder, arguments.skipped, context.common.json);
  } else if (arguments.skipped) {
    throw Error(ErrorCode::kInvalidArgument, arguments.path + ": is a model, --skipped needs a gallery");
  } else {
    print_model(folder, context.common.json);
  }
  return 0;
}

}  // namespace

Command add_info_command(CLI::App& app) {
  auto arguments = std::make_shared<InfoArguments>();
  CLI::App* command = app.add_subcommand("info", "Tell about a gallery or a model");
  CLI::Option* path =
      command->add_option("GALLERY|MODEL", arguments->path, "Folder of a gallery or of a model");
  CLI::Option* skipped = command->add_flag("--skipped", arguments->skipped,
                                           "Also list the pictures that could not be read, and why");
  command
      ->add_flag("--families", arguments->families, "List the families of models that can be loaded, instead")
      ->excludes(path)
      ->excludes(skipped);
  command->footer(
      "Examples:\n"
      "  tandem info holiday.gallery --skipped\n"
      "  tandem info models/default --json\n"
      "  tandem info --families");
  return {command, [arguments](const Context& context) { return run_info(*arguments, context); }};
}

}  // namespace tandem::cli
