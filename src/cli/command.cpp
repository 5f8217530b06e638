#include "cli/command.h"

#include <map>

#include "tandem/error.h"

namespace tandem::cli {
namespace {

// An option that is given many times, with one value each. CLI11 takes apart the values of a list that
// look like "[a,b]": values that may begin with "[", as texts do, must not be a list.
CLI::Option* add_repeated(CLI::App& app, const std::string& name, const std::string& help) {
  return app.add_option(name, help)
      ->expected(1)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

bool is_folder(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::is_directory(path, ignored);
}

}  // namespace

void add_common_options(CLI::App& app, CommonOptions& common) {
  app.add_flag("--json", common.json, "Print JSON, one object per line");
  auto* quiet = app.add_flag("-q,--quiet", common.quiet, "Print results and errors only");
  app.add_flag("-v,--verbose", common.verbose, "Print what is done")->excludes(quiet);
  app.add_option("--threads", common.threads, "Threads to compute with (0: all cores)")
      ->type_name("N")
      ->check(whole_number(1024));
}

CLI::Option* add_paths(CLI::App& app, std::vector<std::string>& paths, const std::string& help) {
  // CLI11 gives a positional option further arguments while it has fewer than it expects, or while it
  // allows extra ones, and then takes "[a,b]" apart. So it must expect more than there can be.
  constexpr int kEndless = CLI::detail::expected_max_vector_size;
  return app.add_option("PATH", paths, help)
      ->expected(kEndless, kEndless)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->required();
}

void ModelChoice::add_to(CLI::App& app, bool matches) {
  app.add_option("--model", folder, "Folder of the model (default: the one that ships with tandem)")
      ->type_name("DIR");
  const auto known = CLI::IsMember({"fp32", "bf16", "int8"}).description("");
  app.add_option(
         "--precision", precision,
         "Numbers that the model computes with: fp32 (default), bf16 (fast with AMX), int8 (fast with AVX2)")
      ->type_name("P")
      ->check(known);
  app.add_option("--tower-precision", tower_precision,
                 "The same of the part that reads pictures (default: that of the gallery, else --precision)")
      ->type_name("P")
      ->check(known);
  if (matches) {
    app.add_option("--match-precision", match_precision,
                   "The same of the layers in which a sentence meets a picture, of the family tandem "
                   "(default: --precision, else as the model recommends)")
        ->type_name("P")
        ->check(known);
    app.add_flag("--blip-enc-token", options.blip_enc_token,
                 "Match with [ENC] as the first token, as BLIP's original weights were trained");
  }
}

void ModelChoice::add_reranker_to(CLI::App& app, const std::string& help) {
  app.add_option("--reranker", reranker, help)->type_name("DIR");
}

void ModelChoice::add_detector_to(CLI::App& app) {
  app.add_option(
         "--regions", options.detector,
         "Detector that finds regions in photos, for models that read regions; it is a program and is run")
      ->type_name("DETECTOR.pt");
}

CLI::Validator whole_number(int max) { return CLI::Range(0, max).description(""); }

std::filesystem::path ModelChoice::resolve() const {
  return folder.empty() ? default_model_folder() : absolute_path(folder);
}

ModelPair ModelChoice::load_pair() const {
  if (reranker.empty()) return load();
  return checked({load_place(resolve()), load_place(absolute_path(reranker))});
}

ModelPair ModelChoice::checked(ModelPair models) const {
  const bool any_reads_regions =
      models.model->info().reads_regions || models.matching()->info().reads_regions;
  if (options.detector.empty() || any_reads_regions) return models;
  throw Error(ErrorCode::kInvalidArgument,
              "--regions " + options.detector.string() + ": " + models.model->info().family +
                  " models read pixels, a detector is for models that read regions; leave it out");
}

ModelPair ModelChoice::load_for(const GalleryInfo& gallery, bool matched) const {
  const bool keeps_place = folder.empty() && is_folder(gallery.model.path);
  ModelPair models = load_place(keeps_place ? gallery.model.path : resolve(), gallery.model);
  if (!matched) return checked(std::move(models));
  if (!reranker.empty()) {
    models.reranker = load_place(absolute_path(reranker), gallery.reranker);
  } else if (gallery.reranker) {
    if (!is_folder(gallery.reranker->path)) {
      throw Error(ErrorCode::kNotFound,
                  gallery.reranker->path.string() + ": the model that reranks this gallery (" +
                      gallery.reranker->family + ") is not there; name its place by --reranker");
    }
    models.reranker = load_place(gallery.reranker->path, *gallery.reranker);
  }
  return checked(std::move(models));
}

ModelPair ModelChoice::load_for_folder(const std::filesystem::path& gallery) const {
  const auto known = (gallery.empty() ? std::nullopt : Gallery::peek(gallery));
  return known ? load_for(*known, /*matched=*/true) : load_pair();
}

std::shared_ptr<const Model> ModelChoice::load_place(const std::filesystem::path& place,
                                                     const std::optional<GalleryModel>& known) const {
  ModelOptions chosen = options;
  if (known && chosen.detector.empty()) chosen.detector = known->detector;
  if (!precision.empty()) chosen.match_precision = chosen.precision = parse_precision(precision);
  if (!match_precision.empty()) chosen.match_precision = parse_precision(match_precision);
  if (!tower_precision.empty()) {
    chosen.tower_precision = parse_precision(tower_precision);
  } else {
    chosen.tower_precision = known ? known->tower_precision : chosen.precision;
  }
  return Model::load(place, chosen);
}

void PictureFiles::add_to(CLI::App& app) {
  app.add_option("--tags-file", tags_file_,
                 "Object tags of region features: JSON lines {\"image\": ID, \"tags\": STR}, or a .pt")
      ->type_name("FILE");
}

Picture PictureFiles::load(const std::filesystem::path& path) {
  if (!tags_) tags_ = tags_file_.empty() ? TagsById() : read_tags(tags_file_);
  return load_picture(path, {}, *tags_);
}

void InputOptions::add_texts_to(CLI::App& app) {
  text_ = add_repeated(app, "--text", "A text; may be repeated")->type_name("STR");
  texts_file_ =
      add_repeated(app, "--texts-file", "JSON lines {\"text\": STR, \"language\"?: STR}; may be repeated")
          ->type_name("FILE");
}

void InputOptions::add_images_to(CLI::App& app) {
  constexpr int kMany = 1 << 20;  // a number, not "unlimited", which would be a list for CLI11
  image_ = app.add_option("--image", "Pictures; may be repeated")
               ->expected(1, kMany)
               ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
               ->type_name("PATH...");
}

bool InputOptions::given() const {
  return text_->count() > 0 || texts_file_->count() > 0 || (image_ != nullptr && image_->count() > 0);
}

std::vector<Input> InputOptions::read(const CLI::App& app) const {
  std::vector<Input> inputs;
  std::map<const CLI::Option*, std::size_t> next;
  for (const CLI::Option* option : app.parse_order()) {
    if (option != text_ && option != texts_file_ && option != image_) continue;
    const std::string& value = option->results().at(next[option]++);
    if (option == text_) {
      inputs.push_back({Input::Kind::kText, value, {}});
    } else if (option == texts_file_) {
      for (Text& text : read_texts_file(value)) inputs.push_back({Input::Kind::kText, std::move(text), {}});
    } else {
      inputs.push_back({Input::Kind::kImage, {}, value});
    }
  }
  return inputs;
}

}  // namespace tandem::cli
