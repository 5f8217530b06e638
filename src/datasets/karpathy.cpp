// The JSON of Karpathy's splits: one object of hundreds of megabytes, read as a stream of events.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "core/fail.h"
#include "datasets/formats.h"
#include "datasets/text_file.h"

namespace tandem::datasets {
namespace {

using Json = nlohmann::json;

// What the parser is in. Everything that is not named here is passed over whole.
enum class In { kFile, kRoot, kImages, kImage, kSentences, kSentence, kOther };

class Events final : public nlohmann::json_sax<Json> {
 public:
  Events(const std::string& name, std::string_view text, DatasetBuilder& builder)
      : name_(name), text_(text), builder_(builder) {}

  bool saw_images() const { return saw_images_; }

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_float(number_float_t, const std::string&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool number_integer(number_integer_t value) override { return id(std::to_string(value)); }
  bool number_unsigned(number_unsigned_t value) override { return id(std::to_string(value)); }

  bool string(std::string& value) override {
    if (in_.back() == In::kSentence && key_ == "raw") {
      raw_ = std::move(value);
      has_raw_ = true;
    } else if (in_.back() == In::kImage) {
      if (key_ == "filename")
        filename_ = std::move(value);
      else if (key_ == "filepath")
        folder_ = std::move(value);
      else if (key_ == "split")
        split_ = std::move(value);
      else
        return id(value);
    }
    return true;
  }

  bool key(std::string& value) override {
    key_ = std::move(value);
    return true;
  }

  bool start_object(std::size_t) override {
    const In outer = in_.back();
    if (outer == In::kFile)
      enter(In::kRoot);
    else if (outer == In::kImages)
      begin_image();
    else if (outer == In::kSentences)
      begin_sentence();
    else
      enter(In::kOther);
    return true;
  }
  bool end_object() override {
    const In inner = in_.back();
    in_.pop_back();
    if (inner == In::kImage) end_image();
    if (inner == In::kSentence) end_sentence();
    return true;
  }
  bool start_array(std::size_t) override {
    const In outer = in_.back();
    if (outer == In::kRoot && key_ == "images") {
      enter(In::kImages);
      saw_images_ = true;
    } else {
      enter(outer == In::kImage && key_ == "sentences" ? In::kSentences : In::kOther);
    }
    return true;
  }
  bool end_array() override {
    in_.pop_back();
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
    const std::string_view before = text_.substr(0, std::min(position, text_.size()));
    const auto line = static_cast<std::size_t>(std::ranges::count(before, '\n')) + 1;
    fail(ErrorCode::kBadFormat, "{}: not valid JSON (in UTF-8) at byte {}; is the file whole?",
         line_place(name_, line), position);
  }

 private:
  void enter(In inner) {
    constexpr std::size_t kMaxDepth = 64;
    if (in_.size() > kMaxDepth) {
      fail(ErrorCode::kBadFormat, "{}: nested deeper than {} levels, which nothing sensible is", name_,
           kMaxDepth);
    }
    in_.push_back(inner);
  }

  bool id(const std::string& value) {
    if (in_.back() != In::kImage) return true;
    if (key_ == "cocoid") coco_id_ = value;
    if (key_ == "imgid") image_id_ = value;
    return true;
  }

  void begin_image() {
    enter(In::kImage);
    filename_.clear();
    folder_.clear();
    split_.clear();
    coco_id_.clear();
    image_id_.clear();
    sentences_.clear();
  }
  void end_image() {
    const std::string place = fmt::format("{}: images[{}]", name_, images_++);
    if (filename_.empty()) fail(ErrorCode::kBadFormat, "{}: has no \"filename\"", place);
    const std::string id = !coco_id_.empty() ? coco_id_ : !image_id_.empty() ? image_id_ : filename_;
    const std::size_t image = builder_.add_image({id, filename_, folder_}, split_, place);
    for (std::string& sentence : sentences_) builder_.add_caption(image, std::move(sentence), {}, place);
  }

  void begin_sentence() {
    enter(In::kSentence);
    has_raw_ = false;
  }
  void end_sentence() {
    if (!has_raw_) {
      fail(ErrorCode::kBadFormat, "{}: images[{}]: a sentence has no \"raw\", its text", name_, images_);
    }
    sentences_.push_back(std::move(raw_));
  }

  const std::string& name_;
  std::string_view text_;
  DatasetBuilder& builder_;
  std::vector<In> in_ = {In::kFile};
  std::string key_;
  bool saw_images_ = false;
  std::size_t images_ = 0;  // that are read
  // Of the picture that is being read.
  std::string filename_, folder_, split_, coco_id_, image_id_, raw_;
  bool has_raw_ = false;
  std::vector<std::string> sentences_;
};

}  // namespace

void read_karpathy(const FileSystem& files, const std::filesystem::path& file, DatasetBuilder& builder) {
  const TextFile text(files, file);
  const std::string name = file.string();
  Events events(name, text.text(), builder);
  Json::sax_parse(text.text().begin(), text.text().end(), &events);
  if (!events.saw_images()) {
    fail(ErrorCode::kBadFormat, "{}: has no list \"images\"; dataset_flickr30k.json or one like it is wanted",
         name);
  }
}

}  // namespace tandem::datasets
