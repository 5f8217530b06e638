// What the commands share: options that all of them have, and how they are found and run.
//
// For one thread. A command is a subcommand of CLI11 and a function; each lies in a file of its own.
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "cli/inputs.h"
#include "tandem/gallery.h"
#include "tandem/model.h"
#include "tandem/regions.h"

namespace tandem::cli {

struct CommonOptions {
  bool json = false;
  bool quiet = false;
  bool verbose = false;
  std::size_t threads = 0;  // 0: all cores
};

struct Context {
  const CommonOptions& common;
  std::stop_token stop;
};

// A command returns its exit status; failures are Errors.
using Run = std::function<int(const Context&)>;

struct Command {
  CLI::App* app = nullptr;  // tells whether it was chosen
  Run run;
};

Command add_index_command(CLI::App& app);
Command add_search_command(CLI::App& app);
Command add_remove_command(CLI::App& app);
Command add_compact_command(CLI::App& app);
Command add_convert_command(CLI::App& app);
Command add_verify_command(CLI::App& app);
Command add_info_command(CLI::App& app);
Command add_tokenize_command(CLI::App& app);
Command add_embed_command(CLI::App& app);
Command add_match_command(CLI::App& app);
Command add_evaluate_command(CLI::App& app);
Command add_train_command(CLI::App& app);
Command add_calibrate_command(CLI::App& app);

// --json, --quiet, --verbose, --threads.
void add_common_options(CLI::App& app, CommonOptions& common);

// PATH...: at least one, each as it was given.
CLI::Option* add_paths(CLI::App& app, std::vector<std::string>& paths, const std::string& help);

// Accepts whole numbers from 0 to `max`; CLI11 by itself takes -1 for a huge unsigned number.
CLI::Validator whole_number(int max = std::numeric_limits<int>::max());

// --model DIR, --precision, --tower-precision and --match-precision, --reranker DIR where a gallery is worked
// on, and
// --blip-enc-token where a match is computed.
struct ModelChoice {
  std::string folder;
  std::string reranker;
  ModelOptions options;
  std::string precision;        // empty: fp32
  std::string tower_precision;  // empty: that of the gallery, or `precision`
  std::string match_precision;  // empty: `precision`, or as the model recommends

  void add_to(CLI::App& app, bool matches);
  void add_reranker_to(CLI::App& app, const std::string& help);
  // --regions DETECTOR.pt, for commands that read pictures.
  void add_detector_to(CLI::App& app);
  // The folder that was given, else that of the model that ships with the library; absolute.
  std::filesystem::path resolve() const;
  std::shared_ptr<const Model> load() const { return checked(load_place(resolve())).model; }
  // With the second model, where one was given.
  ModelPair load_pair() const;
  // Without a folder that of the gallery's model, where it is still there; else the one that ships, which
  // may be the same. Of a gallery with two models, the second too if something is to be `matched`; throws
  // NotFound where it is gone.
  ModelPair load_for(const GalleryInfo& gallery, bool matched) const;
  // For pictures that go into a gallery: all of its models where it is there already, else load_pair(). The
  // folder may be empty: none is kept.
  ModelPair load_for_folder(const std::filesystem::path& gallery) const;

 private:
  std::shared_ptr<const Model> load_place(const std::filesystem::path& place,
                                          const std::optional<GalleryModel>& known = {}) const;
  // Throws InvalidArgument where a detector was given and is of no use.
  ModelPair checked(ModelPair models) const;
};

// --tags-file FILE, and pictures with the tags that it has of them.
class PictureFiles {
 public:
  void add_to(CLI::App& app);
  const std::string& tags_file() const { return tags_file_; }
  // Reads the tags with the first picture. Throws what load_picture() and read_tags() throw.
  Picture load(const std::filesystem::path& path);

 private:
  std::string tags_file_;
  std::optional<TagsById> tags_;
};

// --text STR and --texts-file FILE, and --image PATH where pictures are wanted: repeated in any order.
class InputOptions {
 public:
  void add_texts_to(CLI::App& app);
  void add_images_to(CLI::App& app);

  bool given() const;
  // All inputs in the order of the command line. Reads the files; throws what read_texts_file() throws.
  std::vector<Input> read(const CLI::App& app) const;

 private:
  const CLI::Option* text_ = nullptr;
  const CLI::Option* texts_file_ = nullptr;
  const CLI::Option* image_ = nullptr;
};

}  // namespace tandem::cli
